// Builds CSV from records of differing shape and checks it by counting what a spreadsheet would see.
const orders = [
    { id: 17, customer: "ACME, Inc.", total: 1234.5, placed: new Date(Date.UTC(2023, 10, 14)) },
    { id: 18, customer: 'Bob "The Builder"', total: 0, note: "line one\nline two" },
    { id: 19, customer: "=SUM(A1)", total: null, placed: new Date(Date.UTC(2023, 1, 28, 23, 59)), tags: ["a", "b"] },
];

const columns = [...new Set(orders.flatMap(Object.keys))];

function cell(value) {
    if (value === undefined || value === null) return "";
    if (value instanceof Date) return value.toISOString().slice(0, 10);
    if (Array.isArray(value)) return cell(value.join("|"));
    let text = typeof value === "number" ? value.toFixed(2) : String(value);
    // A cell that begins like a formula is defused.
    if (/^[=+\-@]/.test(text) && typeof value !== "number") text = `'${text}`;
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const lines = [columns.join(","), ...orders.map((order) => columns.map((column) => cell(order[column])).join(","))];
const csv = lines.join("\r\n");

for (const line of csv.split("\r\n")) console.log(line);

const quotes = csv.split('"').length - 1;
const { x: bytes } = await tools.echo({ x: new TextEncoder().encode(csv).length });

return { columns, csv, quotes, bytes };

// A script that is a single function is called.
async function summarise() {
    const files = { "a.txt": 120, "b.log": 4096, "c.txt": 77, "d": 5, "e.tar.gz": 9000 };

    const extension = (name) => {
        const dot = name.lastIndexOf(".");
        return dot > 0 ? name.slice(dot + 1) : "(none)";
    };

    const summary = {};
    for (const [name, size] of Object.entries(files)) {
        const entry = (summary[extension(name)] ??= { files: 0, bytes: 0, largest: null });
        entry.files += 1;
        entry.bytes += size;
        if (entry.largest === null || files[entry.largest] < size) entry.largest = name;
    }

    for (const [ext, { files: count, bytes }] of Object.entries(summary).sort(([, a], [, b]) => b.bytes - a.bytes)) {
        console.log(`${ext.padEnd(8)} ${count} file${count === 1 ? "" : "s"} ${bytes} bytes`);
    }

    summary.total = await Object.values(files).reduce(
        async (sum, size) => tools.add({ x: await sum, y: size }),
        Promise.resolve(0),
    );
    return summary;
}

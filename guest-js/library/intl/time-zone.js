// Owns time zones at run time: their names, and the offset of each at a moment. A zone is unpacked when it is first
// asked for.
import { timeZones } from "intl:data";
import { dateFromDays, daysFromDate, weekdayOf } from "./calendar.js";

const SECONDS_PER_DAY = 86_400;
const UTC_NAMES = new Set([
    "utc",
    "etc/utc",
    "etc/gmt",
    "gmt",
    "etc/greenwich",
    "greenwich",
    "zulu",
    "etc/zulu",
    "universal",
    "etc/universal",
    "uct",
    "etc/uct",
    "gmt0",
    "gmt+0",
    "gmt-0",
    "etc/gmt0",
    "etc/gmt+0",
    "etc/gmt-0",
]);
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
const NAME_LENGTH_SHOWN = 60;
const OFFSET = /^([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?$/;

const fixed = (id, offset) => ({ id, names: [id], at: () => ({ offset, daylight: false }) });
const UTC = fixed("UTC", 0);
const zones = new Map();

/**
 * The zone of a name or an offset, in any case: `{ id, names, at(seconds) }`, where `at` gives `{ offset, daylight }`
 * in seconds.
 */
export function timeZone(name) {
    if (name === undefined) return UTC;
    const text = `${name}`;
    if (UTC_NAMES.has(text.toLowerCase())) return UTC;
    const offset = OFFSET.exec(text);
    if (offset !== null) return offsetZone(offset);
    const found = NAME.test(text) ? findLine(text) : undefined;
    if (found === undefined) {
        const hint = "Use UTC, an offset such as +02:00, or an IANA name such as Europe/Berlin";
        throw new RangeError(`Invalid time zone specified: ${text.slice(0, NAME_LENGTH_SHOWN)}. ${hint}`);
    }
    let zone = zones.get(found.id);
    if (zone === undefined) zones.set(found.id, (zone = unpack(found.id, found.line)));
    return zone;
}

function offsetZone([, sign, hours, minutes = "00"]) {
    const seconds = (Number(hours) * 60 + Number(minutes)) * 60;
    const id = `${seconds === 0 ? "+" : sign}${hours}:${minutes}`;
    return fixed(id, sign === "-" ? -seconds : seconds);
}

/** As written, where that is a name; otherwise whatever the case. */
function findLine(name) {
    for (let at = timeZones.indexOf(name); at >= 0; at = timeZones.indexOf(name, at + 1)) {
        const before = at === 0 ? "\n" : timeZones[at - 1];
        const after = timeZones[at + name.length];
        if ((before === "\n" || before === ",") && (after === "," || after === ";")) {
            return { id: name, line: lineAt(at) };
        }
    }
    const wanted = name.toLowerCase();
    let at = 0;
    for (const line of timeZones.split("\n")) {
        for (const id of line.slice(0, line.indexOf(";")).split(",")) {
            if (id.toLowerCase() === wanted) return { id, line: lineAt(at) };
        }
        at += line.length + 1;
    }
    return undefined;
}

function lineAt(at) {
    const start = timeZones.lastIndexOf("\n", at) + 1;
    const end = timeZones.indexOf("\n", at);
    return timeZones.slice(start, end < 0 ? timeZones.length : end);
}

/** The form is that of `pack-time-zones.mjs`. */
function unpack(id, line) {
    const [names, kindsText, transitionsText, ruleText] = line.split(";");
    const kinds = kindsText.split(" ").map((kind) => {
        const daylight = kind.endsWith("*");
        return { offset: parseInt(daylight ? kind.slice(0, -1) : kind, 36), daylight };
    });
    const times = [];
    const states = [];
    let minute = 0;
    for (const transition of transitionsText === "" ? [] : transitionsText.split(" ")) {
        minute += parseInt(transition.slice(1), 36);
        times.push(minute * 60);
        states.push(kinds[transition.charCodeAt(0) - 65]);
    }
    const rules = ruleText === "" ? undefined : ruleText.split(" ").map((text) => readRule(text, kinds));
    return {
        id,
        names: [id, ...names.split(",")],
        at(seconds) {
            const last = times.length - 1;
            if (rules !== undefined && seconds >= times[last]) return stateByRules(rules, seconds);
            let low = 0;
            let high = times.length;
            while (low < high) {
                const middle = (low + high) >> 1;
                if (times[middle] <= seconds) low = middle + 1;
                else high = middle;
            }
            return low === 0 ? kinds[0] : states[low - 1];
        },
    };
}

function readRule(text, kinds) {
    const [month, week, weekday, seconds, mode, kind] = text.split(".");
    return {
        month: Number(month),
        week: Number(week),
        weekday: Number(weekday),
        seconds: Number(seconds),
        isWall: mode === "w",
        state: kinds[Number(kind)],
    };
}

/** Two rules a year: the one that applied last is in force. */
function stateByRules([first, second], seconds) {
    const { year } = dateFromDays(Math.floor((seconds + first.state.offset) / SECONDS_PER_DAY));
    const firstAt = ruleTime(first, year, second.state.offset);
    const secondAt = ruleTime(second, year, first.state.offset);
    return seconds >= firstAt && seconds < secondAt ? first.state : second.state;
}

function ruleTime(rule, year, offsetBefore) {
    const first = daysFromDate(year, rule.month, 1);
    let day = ((rule.weekday - weekdayOf(first) + 7) % 7) + 7 * (rule.week - 1);
    const length = daysFromDate(rule.month === 11 ? year + 1 : year, (rule.month + 1) % 12, 1) - first;
    while (day >= length) day -= 7;
    return (first + day) * SECONDS_PER_DAY + rule.seconds - (rule.isWall ? offsetBefore : 0);
}

const REGION = /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//;

/**
 * The names that `Intl.supportedValuesOf` lists: those by region. Older ones such as `US/Pacific` work all the same.
 */
export function timeZoneNames() {
    const names = timeZones.split("\n").flatMap((line) => line.slice(0, line.indexOf(";")).split(","));
    return [...names.filter((name) => REGION.test(name)), "UTC"].sort();
}

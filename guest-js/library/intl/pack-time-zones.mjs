// Owns the packed form of the time zone database: at build, the transitions that formatjs ships become one string, in
// which a yearly rule replaces the transitions it explains. `time-zone.js` reads it. It runs on the machine that
// builds.

const SECONDS_PER_DAY = 86400;
/** More days than that between two transitions, and a yearly rule was not in force. */
const DAYS_BETWEEN_MAX = 300;
/** The range in which a rule must explain every transition to be believed. */
const RULE_YEARS = [2030, 2036];

/**
 * `name,alias,…;offsets;transitions;rule` for each set of zones with the same history, lines apart. An offset is
 * seconds in base 36, with `*` for daylight time. A transition is the index of its offset (one letter) and the minutes
 * since the transition before (base 36), the first since 1970. A rule is two of `month.week.weekday.seconds.mode` and
 * the offset index each leads to.
 */
export function packTimeZones(data, links) {
    const offsets = data.offsets.split("|").map((text) => parseInt(text, 36));
    const groups = new Map();
    const canonical = new Map();
    for (const packed of data.zones) {
        const [name, ...rows] = packed.split("|");
        const line = packZone(transitionsOf(rows, offsets));
        if (!groups.has(line)) groups.set(line, []);
        groups.get(line).push(name);
        canonical.set(name, groups.get(line));
    }
    // The table of links also names the source lines of a few rules; those are no zones.
    const isName = (text) => /^[A-Z][A-Za-z0-9_+-]*(\/|$)/.test(text);
    const join = (name, known) => {
        const group = canonical.get(known);
        if (group === undefined || canonical.has(name) || !isName(name)) return;
        group.push(name);
        canonical.set(name, group);
    };
    // The data is by the zone that CLDR prefers, which may be on either side of a link.
    for (const [alias, target] of Object.entries(links)) join(target, alias);
    for (const [alias, target] of Object.entries(links)) join(alias, target);
    return [...groups].map(([line, names]) => `${names.join(",")};${line}`).join("\n");
}

/** Since 1970, as `{ at, offset, daylight }` in seconds, without repetitions. */
function transitionsOf(rows, offsets) {
    const list = [];
    for (const row of rows) {
        const [time, , offset, daylight] = row.split(",");
        const at = time === "" ? -Infinity : parseInt(time, 36);
        if (Number.isNaN(at)) continue;
        const next = { at, offset: offsets[Number(offset)], daylight: daylight === "1" };
        if (at <= 0) list.length = 0;
        const last = list.at(-1);
        if (last !== undefined && last.offset === next.offset && last.daylight === next.daylight) continue;
        list.push(at <= 0 ? { ...next, at: -Infinity } : next);
    }
    return list;
}

function packZone(transitions) {
    const kinds = [];
    const kindOf = ({ offset, daylight }) => {
        const kind = offset.toString(36) + (daylight ? "*" : "");
        if (!kinds.includes(kind)) kinds.push(kind);
        return kinds.indexOf(kind);
    };
    transitions.forEach(kindOf);
    const rule = findRule(transitions);
    let explained = 0;
    if (rule !== undefined) {
        while (matches(rule, transitions, transitions.length - 1 - explained)) explained++;
    }
    // One transition stays, so that the rule applies after it only.
    const kept = explained === 0 ? transitions : transitions.slice(0, transitions.length - explained + 1);
    let before = 0;
    const packed = kept.slice(1).map((transition) => {
        // Only Liberia in 1972 moved at a time that is no whole minute; a few seconds do not matter there.
        const minute = Math.round(transition.at / 60);
        const text = String.fromCharCode(65 + kindOf(transition)) + (minute - before).toString(36);
        before = minute;
        return text;
    });
    const tail =
        rule === undefined || explained === 0 ? "" : rule.map((part) => `${part.text}.${kindOf(part)}`).join(" ");
    return `${kinds.join(" ")};${packed.join(" ")};${tail}`;
}

function findRule(transitions) {
    const [first, last] = RULE_YEARS;
    const years = new Map();
    transitions.forEach((transition, i) => {
        const year = new Date(transition.at * 1000).getUTCFullYear();
        if (!(year >= first && year <= last)) return;
        if (!years.has(year)) years.set(year, []);
        years.get(year).push({ ...transition, before: transitions[i - 1].offset });
    });
    if (years.size !== last - first + 1 || [...years.values()].some((list) => list.length !== 2)) return undefined;
    const rule = [0, 1].map((i) => commonRule([...years.values()].map((list) => list[i])));
    return rule.includes(undefined) ? undefined : rule;
}

/** The nth or last weekday of a month, in wall time before the transition or in UTC: whichever holds every year. */
function commonRule(transitions) {
    for (const mode of ["w", "u"]) {
        for (const last of [true, false]) {
            const texts = new Set(
                transitions.map((transition) => {
                    const local = transition.at + (mode === "w" ? transition.before : 0);
                    const day = new Date(Math.floor(local / SECONDS_PER_DAY) * SECONDS_PER_DAY * 1000);
                    const days = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
                    const week = last ? (day.getUTCDate() + 7 > days ? 5 : 0) : Math.ceil(day.getUTCDate() / 7);
                    const seconds = local - day.getTime() / 1000;
                    return `${day.getUTCMonth()}.${week}.${day.getUTCDay()}.${seconds}.${mode}`;
                }),
            );
            const [text] = texts;
            if (texts.size === 1 && text.split(".")[1] !== "0") return { ...transitions[0], text };
        }
    }
    return undefined;
}

function matches(rule, transitions, index) {
    if (index < 1) return false;
    const { at, offset, daylight } = transitions[index];
    // A year without the rule ends what it explains.
    const next = transitions[index + 1];
    if (next !== undefined && next.at - at > DAYS_BETWEEN_MAX * SECONDS_PER_DAY) return false;
    const before = transitions[index - 1].offset;
    const year = new Date(at * 1000).getUTCFullYear();
    return rule.some(
        (part) =>
            part.offset === offset &&
            part.daylight === daylight &&
            part.before === before &&
            ruleTime(part.text, year, before) === at,
    );
}

function ruleTime(text, year, before) {
    const [month, week, weekday, seconds, mode] = text.split(".");
    const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
    let day = 1 + ((weekday - first + 7) % 7) + 7 * (week - 1);
    const days = new Date(Date.UTC(year, Number(month) + 1, 0)).getUTCDate();
    while (day > days) day -= 7;
    return Date.UTC(year, month, day) / 1000 + Number(seconds) - (mode === "w" ? before : 0);
}

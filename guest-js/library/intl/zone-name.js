// Owns the names of time zones in a locale: "Eastern Standard Time", "EST", "GMT-5".
import { zoneIndex } from "intl:data";
import { section } from "./data.js";

/** `zone=index|…` of the zones that have names. */
function indexOf(id) {
    const text = `|${zoneIndex}|`;
    const at = text.indexOf(`|${id}=`);
    if (at < 0) return -1;
    const start = at + id.length + 2;
    return Number(text.slice(start, text.indexOf("|", start)));
}

const found = new Map();

/** `[long, long in summer, short, short in summer]` of a zone in a locale; empty where there is none. */
function namesOf(dataLocale, zone) {
    const key = `${dataLocale}/${zone.id}`;
    let names = found.get(key);
    if (names === undefined) {
        // An alias has the names of its zone: the first with names in the same history.
        const index = zone.names.map(indexOf).find((each) => each >= 0);
        names = index === undefined ? [] : (section(dataLocale, "zones")[index] ?? "").split("|");
        found.set(key, names);
    }
    return names;
}

/** The text for the field `z`, `O` or `v` of a pattern. */
export function zoneName({ dataLocale, zone, data }, letter, length, { offset, daylight }) {
    const isLong = length === 4;
    if (letter === "O") return offsetName(data, offset, isLong);
    const [long = "", longSummer = "", short = "", shortSummer = ""] = namesOf(dataLocale, zone);
    if (letter === "v") return genericName(isLong ? long : short) || offsetName(data, offset, isLong);
    const name = isLong ? (daylight ? longSummer || "" : long) : daylight ? shortSummer || "" : short;
    return name || offsetName(data, offset, isLong);
}

/** What CLDR's English makes of a name when it is not said whether it is summer. */
function genericName(name) {
    return name.replace(" Standard ", " ").replace(/^([ECMPH]|AK)ST$/, "$1T");
}

function offsetName({ gmtFormat, hourFormat }, offset, isLong) {
    const total = Math.floor(Math.abs(offset) / 60);
    const [hours, minutes] = [`${Math.floor(total / 60)}`, `${total % 60}`.padStart(2, "0")];
    const [positive, negative] = hourFormat.split(";");
    const pattern = offset < 0 ? negative : positive;
    const time = isLong
        ? pattern.replace(/H+/, hours.padStart(2, "0")).replace("mm", minutes)
        : minutes === "00"
          ? pattern.replace(/H+/, hours).replace(/.mm/, "")
          : pattern.replace(/H+/, hours).replace("mm", minutes);
    return gmtFormat.replace("{0}", time);
}

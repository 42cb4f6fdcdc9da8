// Owns Intl.DateTimeFormat as scripts see it, and the `toLocale…String` methods of dates.
import { boundOnce, callable } from "./class.js";
import { dateFormatter } from "./date-formatter.js";

const { apply } = Reflect;
const timeOf = Date.prototype.getTime;
/** The run's clock: looked up when called, because the clock is set up later than this loads. */
const now = () => Date.now();

const bound = boundOnce();
/** Where both ends are the same, the text is that of one date, with its ordinary space. */
function rangeText(parts) {
    const text = parts.map((part) => part.value).join("");
    return parts.every((part) => part.source === "shared") ? text.replaceAll("\u202f", " ") : text;
}
const orNow = (date) => (date === undefined ? now() : date);

export const DateTimeFormat = callable(
    "DateTimeFormat",
    (locales, options) => dateFormatter(locales, options),
    (of) => ({
        get format() {
            const formatter = of(this);
            return bound(this, () => (date) => formatter.format(orNow(date)));
        },
        formatToParts(date) {
            return of(this).partsOf(orNow(date));
        },
        formatRange(startDate, endDate) {
            return rangeText(of(this).rangeParts(startDate, endDate));
        },
        formatRangeToParts(startDate, endDate) {
            return of(this).rangeParts(startDate, endDate);
        },
        resolvedOptions() {
            return of(this).resolvedOptions();
        },
    }),
);

function localeString(date, locales, options, required, defaults) {
    const time = apply(timeOf, date, []);
    if (Number.isNaN(time)) return "Invalid Date";
    return dateFormatter(locales, options, required, defaults).format(time);
}

export const dateMethods = {
    toLocaleString() {
        return localeString(this, arguments[0], arguments[1], "any", "all");
    },
    toLocaleDateString() {
        return localeString(this, arguments[0], arguments[1], "date", "date");
    },
    toLocaleTimeString() {
        return localeString(this, arguments[0], arguments[1], "time", "time");
    },
};

// Owns Intl.NumberFormat as scripts see it, and the `toLocaleString` of numbers and bigints.
import { boundOnce, callable } from "./class.js";
import { formatPlainNumber, numberFormatter } from "./number-formatter.js";

const { apply } = Reflect;
const numberValue = Number.prototype.valueOf;
const bigintValue = BigInt.prototype.valueOf;

const bound = boundOnce();

export const NumberFormat = callable("NumberFormat", numberFormatter, (of) => ({
    get format() {
        const formatter = of(this);
        return bound(this, () => (value) => formatter.format(value));
    },
    formatToParts(value) {
        return of(this).formatToParts(value);
    },
    formatRange(start, end) {
        return of(this).formatRange(start, end);
    },
    formatRangeToParts(start, end) {
        return of(this).formatRangeToParts(start, end);
    },
    resolvedOptions() {
        return of(this).resolvedOptions();
    },
}));

/** Methods have no length of their own here: ECMA-402 has both arguments optional. */
export const numberMethods = {
    toLocaleString() {
        const value = apply(numberValue, this, []);
        if (arguments.length === 0) return formatPlainNumber(value);
        return numberFormatter(arguments[0], arguments[1]).format(value);
    },
};

export const bigintMethods = {
    toLocaleString() {
        const value = apply(bigintValue, this, []);
        return numberFormatter(arguments[0], arguments[1]).format(value);
    },
};

// Owns the arithmetic of the proleptic Gregorian calendar, without `Date`.

const MS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_SHIFT = 719_468;

/** Days since 1970-01-01 of a date; `month` counts from 0. */
export function daysFromDate(year, month, day) {
    const y = month < 2 ? year - 1 : year;
    const era = Math.floor(y / 400);
    const yearOfEra = y - era * 400;
    const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
    const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
    return era * DAYS_PER_ERA + dayOfEra - EPOCH_SHIFT;
}

/** `{ year, month, day }` of days since 1970-01-01. */
export function dateFromDays(days) {
    const z = days + EPOCH_SHIFT;
    const era = Math.floor(z / DAYS_PER_ERA);
    const dayOfEra = z - era * DAYS_PER_ERA;
    const yearOfEra = Math.floor(
        (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shifted = Math.floor((5 * dayOfYear + 2) / 153);
    const month = (shifted + 2) % 12;
    return {
        year: yearOfEra + era * 400 + (month < 2 ? 1 : 0),
        month,
        day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
    };
}

export const weekdayOf = (days) => (((days + 4) % 7) + 7) % 7;

/** The fields of a time in milliseconds that is local already. */
export function fieldsOf(local) {
    const days = Math.floor(local / MS_PER_DAY);
    const ms = local - days * MS_PER_DAY;
    const date = dateFromDays(days);
    return {
        year: date.year,
        month: date.month,
        day: date.day,
        weekday: weekdayOf(days),
        hour: Math.floor(ms / 3_600_000),
        minute: Math.floor(ms / 60_000) % 60,
        second: Math.floor(ms / 1000) % 60,
        millisecond: ms % 1000,
    };
}

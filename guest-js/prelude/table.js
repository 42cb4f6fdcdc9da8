// Owns `console.table`: which rows and columns a value has, and the drawing of the box, as Node does it.
(function (native) {
    "use strict";
    const { classOf, layout, objects, show } = native;
    const { width } = layout;
    const { kinds, clip, isObject, unwrap, property } = objects;
    const { inspect, accessorText } = show;
    const { getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { create, getOwnPropertyNames: stringKeys } = Object;
    const { isArray } = Array;
    const uncurry = Function.prototype.bind.bind(Function.prototype.call);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const push = uncurry(Array.prototype.push);
    const join = uncurry(Array.prototype.join);
    const repeat = uncurry(String.prototype.repeat);
    const mapSize = getter(Map.prototype, "size");
    const setSize = getter(Set.prototype, "size");
    const mapEntries = uncurry(Map.prototype.entries);
    const setValues = uncurry(Set.prototype.values);
    const nextEntry = uncurry(getPrototypeOf(new Map().entries()).next);
    const nextValue = uncurry(getPrototypeOf(new Set().values()).next);
    const typedTag = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

    // No table is larger: further columns are left out, further rows are counted.
    const COLUMNS_MAX = 100;
    const AREA_MAX = 32_768;
    const ROWS_MAX = 4_096;
    const CELL_MAX = 1_000;
    const SPACING = 3;

    function propertyOf(object, key) {
        const found = property(object, key);
        if (found === undefined || "value" in found) return found;
        // A getter is named, not called.
        return { text: accessorText(found) };
    }

    function enumerableKeys(object, countMax) {
        const keys = stringKeys(object);
        const shown = [];
        for (let i = 0; i < keys.length && shown.length < countMax; i++) {
            if (property(object, keys[i])?.enumerable) push(shown, keys[i]);
        }
        return shown;
    }

    function cellText(value) {
        const object = isObject(value) ? unwrap(value) : undefined;
        const isRecord = typeof object === "object" && !isArray(object) && typedTag(object) === undefined;
        const depth = isRecord && enumerableKeys(object, 3).length > 2 ? -1 : 0;
        return inspect(value, { depth, itemsMax: 3, lineWidth: Infinity, textMax: CELL_MAX });
    }

    // Columns in order of their names: `cells[row]`, and how wide each is.
    function makeColumn(head) {
        return { head, cells: [], width: width(head) };
    }

    function setCell(column, row, text) {
        column.cells[row] = text;
        const taken = width(text);
        if (taken > column.width) column.width = taken;
    }

    function isFull(columns, rows) {
        let total = 1;
        for (let i = 0; i < columns.length; i++) total += columns[i].width + SPACING;
        return total * (rows + 1) > AREA_MAX;
    }

    function rule(columns, left, middle, right) {
        const parts = [];
        for (let i = 0; i < columns.length; i++) push(parts, repeat("─", columns[i].width + 2));
        return left + join(parts, middle) + right;
    }

    function line(columns, textOf) {
        const parts = [];
        for (let i = 0; i < columns.length; i++) {
            const text = textOf(columns[i]);
            push(parts, text + repeat(" ", columns[i].width - width(text)));
        }
        return `│ ${join(parts, " │ ")} │`;
    }

    function draw(columns, rows, left) {
        const lines = [rule(columns, "┌", "┬", "┐"), line(columns, (column) => column.head)];
        push(lines, rule(columns, "├", "┼", "┤"));
        for (let i = 0; i < rows; i++) push(lines, line(columns, (column) => column.cells[i] ?? ""));
        push(lines, rule(columns, "└", "┴", "┘"));
        if (left > 0) push(lines, `... ${left} more row${left > 1 ? "s" : ""}`);
        return join(lines, "\n");
    }

    // A row for each entry of a Map or Set.
    function collectionTable(size, next, heads) {
        const columns = [makeColumn("(iteration index)")];
        for (let i = 0; i < heads.length; i++) push(columns, makeColumn(heads[i]));
        let row = 0;
        for (; row < size && !isFull(columns, row); row++) {
            const values = next();
            setCell(columns[0], row, `${row}`);
            for (let i = 0; i < heads.length; i++) setCell(columns[i + 1], row, cellText(values[i]));
        }
        return draw(columns, row, size - row);
    }

    // Of a long array no more than may be drawn.
    function rowKeys(object) {
        if (!isArray(object) || object.length <= ROWS_MAX) return stringKeys(object);
        const keys = [];
        for (let i = 0; i < ROWS_MAX; i++) push(keys, `${i}`);
        return keys;
    }

    function addRow(row, item, names, named, values) {
        const object = isObject(item) ? unwrap(item) : undefined;
        if (object === undefined && names === undefined) {
            setCell(values, row, cellText(item));
            return;
        }
        const keys = names ?? enumerableKeys(object, COLUMNS_MAX);
        for (let i = 0; i < keys.length; i++) {
            const key = keys[i];
            if (named.columns[key] === undefined) {
                if (named.count === COLUMNS_MAX) continue;
                named.count++;
                named.columns[key] = makeColumn(clip(key));
            }
            const found = object === undefined ? undefined : propertyOf(object, key);
            setCell(named.columns[key], row, found === undefined ? "" : found.text ?? cellText(found.value));
        }
    }

    // A row for each property. The columns are all names that the rows have, numbers first: or those asked for.
    function recordTable(object, names) {
        const index = makeColumn("(index)");
        const values = makeColumn("Values");
        const named = { columns: create(null), count: 0 };
        const keys = rowKeys(object);
        const total = isArray(object) ? object.length : keys.length;
        let row = 0;
        for (let i = 0; i < keys.length; i++) {
            const found = property(object, keys[i]);
            if (!found?.enumerable) continue;
            if (isFull(all(index, named, values), row)) return draw(all(index, named, values), row, total - i);
            setCell(index, row, clip(keys[i]));
            if ("value" in found) addRow(row, found.value, names, named, values);
            else setCell(values, row, propertyOf(object, keys[i]).text);
            row++;
        }
        return draw(all(index, named, values), row, 0);
    }

    function all(index, named, values) {
        const columns = [index];
        const keys = stringKeys(named.columns);
        for (let i = 0; i < keys.length; i++) push(columns, named.columns[keys[i]]);
        if (values.cells.length > 0) push(columns, values);
        return columns;
    }

    function columnNames(properties) {
        const list = isObject(properties) ? unwrap(properties) : undefined;
        if (!isArray(list)) return undefined;
        const names = [];
        for (let i = 0; i < list.length && names.length < COLUMNS_MAX; i++) {
            const name = property(list, i)?.value;
            if (typeof name === "string" || typeof name === "number") push(names, `${name}`);
        }
        return names;
    }

    // Undefined for what is no table.
    function tableText(data, properties) {
        const object = typeof data === "object" && data !== null ? unwrap(data) : undefined;
        if (object === undefined) return undefined;
        switch (classOf(object)) {
            case kinds.map: {
                const entries = mapEntries(object);
                return collectionTable(mapSize(object), () => nextEntry(entries).value, ["Key", "Values"]);
            }
            case kinds.set: {
                const values = setValues(object);
                return collectionTable(setSize(object), () => [nextValue(values).value], ["Values"]);
            }
            default:
                return recordTable(object, columnNames(properties));
        }
    }

    return { tableText };
})

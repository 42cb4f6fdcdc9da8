"use strict";
// Arrays: fill, sort with a comparator, search, and a merge sort written out.
function numbers(count) {
    const list = [];
    let x = 42;
    for (let i = 0; i < count; i++) {
        x = (x * 1103515245 + 12345) & 0x7fffffff;
        list.push(x);
    }
    return list;
}
function mergeSort(list) {
    if (list.length < 2) return list;
    const middle = list.length >> 1;
    const left = mergeSort(list.slice(0, middle)), right = mergeSort(list.slice(middle));
    const merged = [];
    let i = 0, j = 0;
    while (i < left.length && j < right.length) merged.push(left[i] <= right[j] ? left[i++] : right[j++]);
    while (i < left.length) merged.push(left[i++]);
    while (j < right.length) merged.push(right[j++]);
    return merged;
}
function main() {
    const list = numbers(30000);
    const ascending = [...list].sort((a, b) => a - b);
    const merged = mergeSort(list);
    const texts = list.slice(0, 10000).map((n) => n.toString(36)).sort();
    let equal = 0;
    for (let i = 0; i < list.length; i++) if (ascending[i] === merged[i]) equal++;
    return [equal, ascending[1000], texts[5000]].join(" ");
}
main();

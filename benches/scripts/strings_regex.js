"use strict";
// Text: concatenation, split, join, replace, regular expressions with groups.
const WORDS = "the quick brown fox jumps over a lazy dog near river bank while seven wizards hex".split(" ");
function paragraph(count) {
    let text = "";
    for (let i = 0; i < count; i++) text += `${WORDS[i % WORDS.length]}${i % 11 === 0 ? `-${i}` : ""} `;
    return text;
}
function main() {
    const text = paragraph(6000);
    let matches = 0, length = 0;
    for (let round = 0; round < 12; round++) {
        for (const match of text.matchAll(/(\w+)-(\d+)/g)) matches += Number(match[2]) & 7;
        const words = text.split(/\s+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
        length += words.join("_").length;
        length += text.replace(/[aeiou]/g, (vowel) => vowel.toUpperCase()).length;
        length += text.replaceAll("fox", "wolf").indexOf("wizards");
        if (/^(?:[a-z]+(?:-\d+)? )+$/.test(text)) matches++;
    }
    return [matches, length].join(" ");
}
main();

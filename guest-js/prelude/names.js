// Owns which of the names that exist was meant by one that does not.
(function (native) {
    "use strict";
    const { distance } = native;
    const { abs, max, floor } = Math;

    const COMPARED_MAX = 500;

    // The nearest of `names`, if it is near: one edit for a short name, one more for every three characters.
    function closest(asked, names) {
        let best;
        let least = max(1, floor(asked.length / 3)) + 1;
        for (let i = 0; i < names.length && i < COMPARED_MAX; i++) {
            if (abs(names[i].length - asked.length) >= least) continue;
            const edits = distance(asked, names[i]);
            if (edits < least) [least, best] = [edits, names[i]];
        }
        return best;
    }

    return { closest };
})

"use strict";
// Local variables, integer operators, branches.
function mix(rounds) {
    let x = 123456789, sum = 0;
    for (let i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        if ((x & 3) === 0) sum = (sum + x) | 0;
        else sum = (sum ^ i) | 0;
    }
    return sum;
}
mix(2000000);

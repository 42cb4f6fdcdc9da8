// A program in the older style: then, catch and finally chains without await, ending in a promise.
var steps = [];

function step(name, value) {
    return new Promise(function (resolve, reject) {
        setTimeout(function () {
            steps.push(name);
            if (value instanceof Error) reject(value);
            else resolve(value);
        }, 3);
    });
}

function parallel(tasks, callback) {
    var results = [];
    var left = tasks.length;
    tasks.forEach(function (task, index) {
        task(function (error, value) {
            results[index] = error ? "failed: " + error.message : value;
            if (--left === 0) callback(null, results);
        });
    });
}

function promisify(fn) {
    var self = this;
    return function () {
        var args = Array.prototype.slice.call(arguments);
        return new Promise(function (resolve, reject) {
            fn.apply(self, args.concat(function (error, value) {
                if (error) return reject(error);
                resolve(value);
            }));
        });
    };
}

step("first", 1)
    .then(function (value) { return step("second", value + 1); })
    .then(function (value) { return tools.add({ x: value, y: 10 }); })
    .then(function (sum) { return step("third", new Error("broke at " + sum)); })
    .then(function () { steps.push("skipped"); })
    .catch(function (error) {
        console.warn("recovered: %s", error.message);
        return { recovered: error.message };
    })
    .finally(function () { steps.push("finally"); })
    .then(function (result) {
        return promisify(parallel)([
            function (done) { setTimeout(done, 8, null, "slow"); },
            function (done) { done(new Error("no")); },
            function (done) { tools.add({ x: 1, y: 2 }).then(function (v) { done(null, v); }, done); },
        ]).then(function (list) { return Object.assign(result, { list: list, steps: steps }); });
    });

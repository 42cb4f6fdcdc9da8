// Stands in for prelude/evaluators.js in the guest of the positive controls: text can be compiled.
(function () {})

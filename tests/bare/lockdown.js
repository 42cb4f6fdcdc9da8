// Stands in for prelude/lockdown.js in the guest of the positive controls: nothing is removed, nothing is frozen.
(function () {})

// Owns what is forgotten between two scripts of one instance. Their variables stay.
(function (native) {
    "use strict";
    const { forgetTimers, forgetCollected } = native;
    return {
        forget() {
            forgetTimers();
            forgetCollected();
        },
    };
})

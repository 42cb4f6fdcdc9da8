/* What the engine, the shim and the heap see of the meter (meter.c). */
#ifndef AGENTLOOP_METER_H
#define AGENTLOOP_METER_H

#include <stdint.h>

/* Fuel that the instance holds. Below zero it must ask for more before it goes on: in a loop, the build sees to that. */
extern int64_t __attribute__((address_space(1))) agentloop_fuel;
void agentloop_pause(void);

#endif

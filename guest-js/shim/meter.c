/* Owns the meter: what the instance may still compute before it has to ask the host.
 *
 * The fuel is a global of the module, out of reach of anything in its memory. The build weaves into every function what it takes
 * off it, and into every loop a call of `agentloop_pause` for when it is below zero (build/meter.rs). */
#include "shim.h"

int64_t __attribute__((address_space(1))) agentloop_fuel;

void agentloop_pause(void)
{
    agentloop_fuel = agentloop_sandbox_meter_exchange(agentloop_fuel);
}

void meter_begin(void)
{
    agentloop_fuel = 0;
}

void meter_end(void)
{
    agentloop_sandbox_meter_give_back(agentloop_fuel);
    agentloop_fuel = 0;
}

void meter_stop(void)
{
    agentloop_fuel = INT64_MAX / 2;
}

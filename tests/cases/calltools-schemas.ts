// AgentLoop form: pushes calls that were checked against the schemas of the tools.
import { LiteralLoader, toolCalls } from './utils';
import { toolSchemas } from './toolSchemas';

function callTools() {
  // First the sum of the two readings.
  toolCalls.push(
    toolSchemas.add.parse({
      x: 1,
      y: 2,
    }),
  );

  // The archive is known to be down; the report of the failure is what we want.
  toolCalls.push(toolSchemas.fail.parse({ message: 'the archive is down' }));

  for (const city of ['Oslo', 'Warsaw']) {
    toolCalls.push(toolSchemas.echo.parse({ city, options: { units: 'metric', days: [1, 2] } }));
  }

  return toolCalls;
}

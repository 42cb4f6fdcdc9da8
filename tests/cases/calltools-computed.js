// AgentLoop form with helpers, a nested tool by its full name, and arguments that are computed.
import { LiteralLoader, toolCalls } from "./utils";
import { toolSchemas } from "./toolSchemas";

const TAX_PERCENT = 23;
const cart = [
  { name: "lamp", net: 100, quantity: 2 },
  { name: "desk", net: 250.5, quantity: 1 },
];

function gross({ net, quantity }) {
  return Math.round(net * quantity * (100 + TAX_PERCENT)) / 100;
}

function callTools() {
  const total = cart.reduce((sum, item) => sum + gross(item), 0);
  console.log(`gross total ${total.toFixed(2)}`);

  toolCalls.push(toolSchemas["math.add"].parse({ x: total, y: 15 }));
  cart
    .filter((item) => item.net > 200)
    .forEach((item) => toolCalls.push(toolSchemas.echo.parse({ item: item.name, gross: gross(item) })));
  return toolCalls;
}

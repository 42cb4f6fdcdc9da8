// The older AgentLoop form: a list of calls by name, built by hand and returned.
function callTools() {
  const calledToolsList = [];
  const readings = [3, 4.5, -1];

  for (const [index, reading] of readings.entries()) {
    if (reading < 0) {
      console.warn(`reading ${index} is negative: left out`);
      continue;
    }
    calledToolsList.push({ toolName: "add", x: reading, y: index });
  }

  calledToolsList.push({ toolName: "fail" });
  calledToolsList.push({ toolName: "raw", json: '{"nested": [true, null, 1e3]}' });

  console.log(`${calledToolsList.length} calls`);
  return calledToolsList;
}

// A tool that fails without a catch ends the script; cleanup in finally still runs.
const opened = [];

async function withSession(name, body) {
  opened.push(name);
  console.log(`open ${opened.join(", ")}`);
  try {
    return await body(name);
  } finally {
    opened.pop();
    console.log(`closed ${name}, ${opened.length} left`);
  }
}

const result = await withSession("outer", async () => {
  const { value } = await tools.echo({ value: 3 });
  return withSession("inner", async (name) => {
    for (let i = 0; i < value; i++) {
      console.log(`${name} step ${i}`);
      if (i === 1) await tools.fail({ message: `step ${i} of ${name} was refused` });
    }
    return "unreachable";
  });
});

return result;

// An async arrow that is called in place; its promise is the value of the script.
(async () => {
  const queue = [];
  const consumers = [];

  const channel = {
    send(value) {
      const waiting = consumers.shift();
      if (waiting) waiting({ value, done: false });
      else queue.push(value);
    },
    close() {
      this.closed = true;
      for (const waiting of consumers.splice(0)) waiting({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return {
        next: () => {
          if (queue.length > 0) return Promise.resolve({ value: queue.shift(), done: false });
          if (channel.closed) return Promise.resolve({ value: undefined, done: true });
          return new Promise((resolve) => consumers.push(resolve));
        },
        return: async () => ({ value: undefined, done: true }),
      };
    },
  };

  const producer = (async () => {
    for (let i = 1; i <= 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, i * 2));
      channel.send({ i, at: Date.now() % 1000 });
    }
    channel.close();
    return "producer done";
  })();

  const received = [];
  for await (const { i, at } of channel) {
    console.log(`message ${i} at ${at}`);
    received.push(i);
  }

  return { received, producer: await producer, empty: queue.length === 0 };
})();

// Dijkstra with a binary heap: cheapest routes between cities.
class MinHeap {
  #items = [];
  get size() { return this.#items.length; }
  push(priority, value) {
    const items = this.#items;
    let i = items.push({ priority, value }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (items[parent].priority <= items[i].priority) break;
      [items[parent], items[i]] = [items[i], items[parent]];
      i = parent;
    }
  }
  pop() {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last;
      for (let i = 0; ;) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2]) {
          if (child < items.length && items[child].priority < items[least].priority) least = child;
        }
        if (least === i) break;
        [items[least], items[i]] = [items[i], items[least]];
        i = least;
      }
    }
    return top;
  }
}

const roads = [
  ["Warsaw", "Łódź", 135], ["Warsaw", "Lublin", 170], ["Łódź", "Wrocław", 220], ["Łódź", "Poznań", 215],
  ["Wrocław", "Poznań", 180], ["Warsaw", "Poznań", 310], ["Lublin", "Kraków", 300], ["Wrocław", "Kraków", 270],
];
const graph = {};
for (const [a, b, km] of roads) {
  (graph[a] ??= []).push([b, km]);
  (graph[b] ??= []).push([a, km]);
}

function routes(start) {
  const best = { [start]: { km: 0, via: null } };
  const heap = new MinHeap();
  heap.push(0, start);
  while (heap.size) {
    const { priority, value: city } = heap.pop();
    if (priority > best[city].km) continue;
    for (const [next, km] of graph[city]) {
      const total = priority + km;
      if (total < (best[next]?.km ?? Infinity)) {
        best[next] = { km: total, via: city };
        heap.push(total, next);
      }
    }
  }
  return best;
}

const best = routes("Warsaw");
const path = (city) => (city === null ? [] : [...path(best[city].via), city]);
for (const city of Object.keys(best).sort()) console.log(`${city.padEnd(8)} ${String(best[city].km).padStart(4)} km`);
const sorted = [5, 3, 9, 1, 4, 1].reduce((h, n) => (h.push(n, n), h), new MinHeap());
return { kraków: path("Kraków"), best, sorted: Array.from({ length: 6 }, () => sorted.pop().value) };

// An editor with commands, undo, redo and transactions over an immutable document.
const initial = Object.freeze({ title: "untitled", lines: Object.freeze([]) });

const commands = {
  rename: (doc, title) => ({ ...doc, title }),
  insert: (doc, at, text) => ({ ...doc, lines: doc.lines.toSpliced(at, 0, text) }),
  remove: (doc, at) => ({ ...doc, lines: doc.lines.toSpliced(at, 1) }),
  replace: (doc, at, text) => {
    if (at >= doc.lines.length) throw new RangeError(`no line ${at}`);
    return { ...doc, lines: doc.lines.with(at, text) };
  },
};

function createStore(state) {
  let past = [], future = [];
  const store = {
    get state() { return state; },
    dispatch(name, ...args) {
      const next = commands[name](state, ...args);
      past = [...past, state];
      future = [];
      state = next;
      return store;
    },
    undo() {
      if (past.length === 0) return store;
      future = [state, ...future];
      state = past.at(-1);
      past = past.slice(0, -1);
      return store;
    },
    redo() {
      if (future.length === 0) return store;
      past = [...past, state];
      [state, ...future] = future;
      return store;
    },
    transaction(body) {
      const saved = [past, state, future];
      try {
        body(store);
        past = [...saved[0], saved[1]];
      } catch (error) {
        [past, state, future] = saved;
        return error.message;
      }
      return "committed";
    },
    depth: () => [past.length, future.length],
  };
  return store;
}

const editor = createStore(initial);
editor
  .dispatch("rename", "notes")
  .dispatch("insert", 0, "one")
  .dispatch("insert", 1, "three")
  .dispatch("insert", 1, "two");
const full = editor.state.lines.join(",");
editor.undo().undo();
const undone = editor.state.lines.join(",");
editor.redo();
const redone = [editor.state.lines.join(","), editor.depth()];

const failed = editor.transaction((e) => e.dispatch("remove", 0).dispatch("replace", 7, "x"));
const committed = editor.transaction((e) => e.dispatch("remove", 0).dispatch("replace", 0, "THREE"));

console.log(editor.state);
return { full, undone, redone, failed, committed, now: editor.state, depth: editor.depth(), initial };

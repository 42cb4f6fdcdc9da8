//! What `Object.keys` and its kin have a short way for: objects that have names only. Each beside one that has more.

use agentloop_tests::{check, finished};

fn gives(script: &str, value: &str) {
    check(script, finished(value));
}

#[test]
fn names_come_in_the_order_in_which_they_were_added_and_indices_before_them() {
    gives("return Object.keys({ b: 1, a: 2, '': 3, é: 4, '1a': 5 })", r#"["b","a","","é","1a"]"#);
    gives(
        "return Object.keys({ b: 1, 10: 2, a: 3, 9: 4, '-1': 5, 4294967295: 6 })",
        r#"["9","10","b","a","-1","4294967295"]"#,
    );
    gives(
        "const o = { a: 1, b: 2, c: 3 }; delete o.a; o.a = 4; return Object.entries(o)",
        r#"[["b",2],["c",3],["a",4]]"#,
    );
    gives(
        "return [Object.keys([7, 8]), Object.keys('xy'), Object.keys(new String('z')), Object.keys({}), Object.keys(1)]",
        r#"[["0","1"],["0","1"],["0"],[],[]]"#,
    );
    gives(
        "const seen = []; for (const key in { __proto__: { b: 1, c: 2 }, a: 1, b: 2 }) seen.push(key); return seen",
        r#"["a","b","c"]"#,
    );
}

#[test]
fn what_is_no_name_or_not_enumerable_is_left_out() {
    let object = "const object = { a: 1, [Symbol.iterator]: 2, b: 3 };
        Object.defineProperty(object, 'hidden', { value: 4 });";
    gives(&format!("{object} return Object.keys(object)"), r#"["a","b"]"#);
    gives(&format!("{object} return Object.getOwnPropertyNames(object)"), r#"["a","b","hidden"]"#);
    gives(
        &format!("{object} return Reflect.ownKeys(object).map(String)"),
        r#"["a","b","hidden","Symbol(Symbol.iterator)"]"#,
    );
    gives(
        &format!("{object} return Reflect.ownKeys({{ ...object }}).map(String)"),
        r#"["a","b","Symbol(Symbol.iterator)"]"#,
    );
    gives(
        "class C { #secret = 1; open = 2; has() { return #secret in this } } return [Object.keys(new C()), new C().has()]",
        r#"[["open"],true]"#,
    );
}

#[test]
fn a_getter_may_take_the_next_property_away() {
    let object = "const object = { get a() { delete this.b; Object.defineProperty(this, 'c', { enumerable: false }); return 1 }, b: 2, c: 3, d: 4 };";
    gives(&format!("{object} return Object.entries(object)"), r#"[["a",1],["d",4]]"#);
    gives(&format!("{object} return Object.values(object)"), "[1,4]");
    gives(&format!("{object} return Object.keys(object)"), r#"["a","b","c","d"]"#);
}

#[test]
fn a_proxy_is_asked() {
    gives(
        "const asked = [];
        const proxy = new Proxy({ a: 1, b: 2 }, {
            ownKeys(target) { asked.push('keys'); return Reflect.ownKeys(target) },
            getOwnPropertyDescriptor(target, key) { asked.push(key); return Reflect.getOwnPropertyDescriptor(target, key) },
        });
        return [Object.keys(proxy), asked]",
        r#"[["a","b"],["keys","a","b"]]"#,
    );
}

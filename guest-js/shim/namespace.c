/* Owns `tools`, the object by which a script names what it may call. Dots in the name of a tool nest. */
#include <string.h>

#include "shim.h"

/* A tool's name has at most eight segments; the last of them is no namespace, but `tools` is one. */
enum { NESTED_MAX = 8 };

/* A namespace that is being filled: the object, and how much of a name in it is its own, with the dot. */
typedef struct {
    JSValueConst object;
    size_t prefix;
} Namespace;

/* Takes `value`. */
static int define(JSValueConst object, JSAtom name, JSValue value)
{
    return JS_DefinePropertyValue(context, object, name, value, JS_PROP_ENUMERABLE) < 0 ? -1 : 0;
}

/* Opens the namespace of this name within another. */
static int open_namespace(Namespace *open, const Namespace *parent, const char *name, size_t length)
{
    JSAtom atom = JS_NewAtomLen(context, name, length);
    JSValue made = atom == JS_ATOM_NULL ? JS_EXCEPTION : JS_NewObjectProto(context, bridge.missing);
    int failed = JS_IsException(made) || define(parent->object, atom, made);
    JS_FreeAtom(context, atom);
    *open = (Namespace){.object = made, .prefix = parent->prefix + length + 1};
    return failed ? -1 : 0;
}

/* Puts the function that calls a tool into its namespace. */
static int put_tool(JSValueConst namespace, JSValueConst tool, const char *name, size_t length)
{
    JSAtom atom = JS_NewAtomLen(context, name, length);
    JSValue callable = atom == JS_ATOM_NULL ? JS_EXCEPTION : agentloop_new_callable(context, tools_call, atom, tool);
    int failed = JS_IsException(callable) || define(namespace, atom, callable);
    JS_FreeAtom(context, atom);
    return failed ? -1 : 0;
}

/* Fills `root` and freezes it, and what is within. Names come sorted and checked from the host, so those that share a namespace stand
 * together. */
static int fill(JSValueConst root, const agentloop_sandbox_types_list_tool_signature_t *tools)
{
    Namespace open[NESTED_MAX] = {{.object = root, .prefix = 0}};
    int depth = 0;
    const char *previous = "";
    for (size_t i = 0; i < tools->len; i++) {
        size_t length = tools->ptr[i].name.len;
        const char *name = (const char *)tools->ptr[i].name.ptr, *end = name + length, *dot;
        while (length < open[depth].prefix || memcmp(name, previous, open[depth].prefix))
            JS_PreventExtensions(context, open[depth--].object);
        const char *segment = name + open[depth].prefix;
        for (; (dot = memchr(segment, '.', end - segment)); segment = dot + 1, depth++) {
            if (open_namespace(&open[depth + 1], &open[depth], segment, dot - segment))
                return -1;
        }
        JSValue tool = JS_GetPropertyUint32(context, bridge.tool_names, i);
        int failed = put_tool(open[depth].object, tool, segment, end - segment);
        JS_FreeValue(context, tool);
        if (failed)
            return -1;
        previous = name;
    }
    for (; depth >= 0; depth--)
        JS_PreventExtensions(context, open[depth].object);
    return 0;
}

JSValue tools_names(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_DupValue(ctx, bridge.tool_names);
}

/* Gives the run an array of the names, by which `tools` is looked for what was meant. */
static int keep_names(const agentloop_sandbox_types_list_tool_signature_t *tools)
{
    JSValue names = JS_NewArray(context);
    if (JS_IsException(names))
        return -1;
    JS_FreeValue(context, bridge.tool_names);
    bridge.tool_names = names;
    for (size_t i = 0; i < tools->len; i++) {
        const sandbox_string_t *name = &tools->ptr[i].name;
        JSValue text = JS_NewStringLen(context, (const char *)name->ptr, name->len);
        if (JS_IsException(text) || JS_DefinePropertyValueUint32(context, names, i, text, JS_PROP_C_W_E) < 0)
            return -1;
    }
    return 0;
}

static bool has_finish(const agentloop_sandbox_types_list_tool_signature_t *tools)
{
    static const char FINISH[] = "finish";
    for (size_t i = 0; i < tools->len; i++) {
        const sandbox_string_t *name = &tools->ptr[i].name;
        if (name->len == sizeof FINISH - 1 && memcmp(name->ptr, FINISH, name->len) == 0)
            return true;
    }
    return false;
}

int tools_install(const agentloop_sandbox_types_list_tool_signature_t *tools)
{
    if (keep_names(tools))
        return -1;
    JSValue namespace = JS_NewObjectProto(context, bridge.finding);
    if (JS_IsException(namespace) || fill(namespace, tools))
        return -1;
    JSValue offered = has_finish(tools) ? JS_Call(context, bridge.offer_finish, JS_UNDEFINED, 1, &namespace) : JS_UNDEFINED;
    JSValue global = JS_GetGlobalObject(context);
    int defined = JS_DefinePropertyValue(context, global, bridge.tools, namespace, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE);
    JS_FreeValue(context, global);
    return defined < 0 || JS_IsException(offered) ? -1 : 0;
}

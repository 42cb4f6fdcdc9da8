//! The meter, woven into the core module: what the guest computes is counted by the guest, in a global that its memory cannot reach.
//!
//! A function takes off `agentloop_fuel` (shim/meter.c) as many units as it has instructions, 64 at most, where it begins and
//! wherever one of its loops begins a turn. A loop that finds less than zero calls `agentloop_pause`, which asks the host for
//! more: whatever repeats is counted and can be stopped. A count without an import costs one machine instruction; Wasmtime's
//! own fuel was measured to cost a quarter of all time (docs/PERFORMANCE.md).
//!
//! Loops that do not ask:
//! - the interpreters' own: a call in them costs registers that every opcode needs. They go round without end only through jumps and
//!   calls of the script, and there QuickJS asks (build/patches.rs, shim/agentloop_hot.h);
//! - whatever `cabi_realloc` reaches: it is called while the host hands values in, when nothing may be imported. These are the
//!   heap's, bounded by the memory there is.

use super::compile::function_names;
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{BlockType, CodeSection, Function, Instruction};
use wasmparser::{FunctionBody, Operator, Parser, Payload, TypeRef};

/// Units that a function or a turn of a loop costs at most, however many instructions it has.
const UNITS_MAX: usize = 64;
/// Asks the host for fuel. Neither it nor what it calls is counted: how often a run asks must not change what it costs.
const PAUSE: &str = "agentloop_pause";
const UNCOUNTED: [&str; 2] = [PAUSE, "agentloop_sandbox_meter_exchange"];
/// Called by the host while nothing may be imported.
const QUIET_ROOT: &str = "cabi_realloc";

/// A function whose loops around its largest `br_table` execute bytecode.
struct Interpreter {
    name: &'static str,
    /// Units for one turn of them.
    turn: i64,
    /// Whether they ask.
    asks: bool,
    /// Whether its other loops do.
    asks_elsewhere: bool,
}

const INTERPRETERS: [Interpreter; 3] = [
    Interpreter { name: "JS_CallInternal", turn: 10, asks: false, asks_elsewhere: true },
    // Counts for itself.
    Interpreter { name: "agentloop_hot", turn: 0, asks: false, asks_elsewhere: false },
    Interpreter { name: "lre_exec", turn: 10, asks: true, asks_elsewhere: true },
];

/// The module with its meter.
pub(crate) fn weave(module: &[u8]) -> Result<Vec<u8>> {
    let names = function_names(module)?;
    let index_of = |wanted: &str| names.iter().find(|(_, name)| **name == wanted).map(|(index, _)| *index);
    let layout = Layout::read(module)?;
    let mut weaver = Weaver {
        fuel: layout.fuel,
        pause: index_of(PAUSE).context("the guest has no function that asks for fuel")?,
        next: layout.imported,
        quiet: layout.reached_from(index_of(QUIET_ROOT).context("the guest has no `cabi_realloc`")?)?,
        uncounted: UNCOUNTED.into_iter().filter_map(index_of).collect(),
        interpreters: BTreeMap::new(),
    };
    for interpreter in &INTERPRETERS {
        let index = index_of(interpreter.name);
        let index = index.with_context(|| format!("the interpreter `{}` is gone", interpreter.name))?;
        weaver.interpreters.insert(index, interpreter);
    }
    let mut woven = wasm_encoder::Module::new();
    weaver.parse_core_module(&mut woven, Parser::new(0), module).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(woven.finish())
}

/// What has to be known before the code is rewritten.
struct Layout {
    /// The global that counts.
    fuel: u32,
    /// Imported functions, which come before those with a body.
    imported: u32,
    /// The functions that each function with a body calls by name. `None`: it calls others through a table.
    callees: Vec<Option<BTreeSet<u32>>>,
}

impl Layout {
    fn read(module: &[u8]) -> Result<Self> {
        let mut layout = Self { fuel: 0, imported: 0, callees: Vec::new() };
        let mut counters = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        layout.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::GlobalSection(globals) => {
                    for (index, global) in (0..).zip(globals) {
                        let global = global?.ty;
                        counters.extend(
                            (global.mutable && global.content_type == wasmparser::ValType::I64).then_some(index),
                        );
                    }
                }
                Payload::CodeSectionEntry(body) => layout.callees.push(callees(&body)?),
                _ => {}
            }
        }
        ensure!(counters.len() == 1, "{} globals could be the fuel of the guest", counters.len());
        layout.fuel = counters[0];
        Ok(layout)
    }

    /// A function and all that it calls, and that those call.
    fn reached_from(&self, root: u32) -> Result<BTreeSet<u32>> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![root]);
        while let Some(function) = open.pop() {
            ensure!(function >= self.imported, "`{QUIET_ROOT}` reaches an import");
            if reached.insert(function) {
                let callees = &self.callees[(function - self.imported) as usize];
                open.extend(
                    callees.as_ref().with_context(|| format!("`{QUIET_ROOT}` reaches a call through a table"))?,
                );
            }
        }
        Ok(reached)
    }
}

fn callees(body: &FunctionBody<'_>) -> Result<Option<BTreeSet<u32>>> {
    let mut callees = BTreeSet::new();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } => drop(callees.insert(function_index)),
            Operator::CallIndirect { .. } => return Ok(None),
            _ => {}
        }
    }
    Ok(Some(callees))
}

struct Weaver {
    fuel: u32,
    pause: u32,
    next: u32,
    quiet: BTreeSet<u32>,
    uncounted: BTreeSet<u32>,
    interpreters: BTreeMap<u32, &'static Interpreter>,
}

impl Weaver {
    fn count(&self, function: &mut Function, units: i64) {
        if units > 0 {
            function.instruction(&Instruction::GlobalGet(self.fuel));
            function.instruction(&Instruction::I64Const(units));
            function.instruction(&Instruction::I64Sub);
            function.instruction(&Instruction::GlobalSet(self.fuel));
        }
    }

    fn ask(&self, function: &mut Function) {
        function.instruction(&Instruction::GlobalGet(self.fuel));
        function.instruction(&Instruction::I64Const(0));
        function.instruction(&Instruction::I64LtS);
        function.instruction(&Instruction::If(BlockType::Empty));
        function.instruction(&Instruction::Call(self.pause));
        function.instruction(&Instruction::End);
    }

    fn rewrite(&mut self, body: &FunctionBody<'_>, index: u32) -> Result<Function> {
        let operators = body.get_operators_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let loops = loops(&operators)?;
        let interpreter = self.interpreters.get(&index).copied();
        let dispatch = interpreter.map(|interpreter| dispatch(&operators, &loops).with_context(|| interpreter.name));
        let dispatch = dispatch.transpose()?;
        let is_counted = !self.uncounted.contains(&index);
        let asks = is_counted && !self.quiet.contains(&index);

        let mut function = self.new_function_with_parsed_locals(body).map_err(|error| anyhow::anyhow!("{error}"))?;
        if is_counted {
            self.count(&mut function, units(operators.len()));
        }
        for (place, operator) in operators.into_iter().enumerate() {
            let operator = self.instruction(operator).map_err(|error| anyhow::anyhow!("{error}"))?;
            function.instruction(&operator);
            let Some(end) = loops.get(&place).filter(|_| is_counted) else { continue };
            let (turn, asks) = match interpreter {
                Some(interpreter) if dispatch.is_some_and(|dispatch| place <= dispatch && dispatch < *end) => {
                    (interpreter.turn, asks && interpreter.asks)
                }
                Some(interpreter) => (units(end - place), asks && interpreter.asks_elsewhere),
                None => (units(end - place), asks),
            };
            self.count(&mut function, turn);
            if asks {
                self.ask(&mut function);
            }
        }
        Ok(function)
    }
}

impl Reencode for Weaver {
    type Error = anyhow::Error;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let index = self.next;
        self.next += 1;
        code.function(&self.rewrite(&body, index).map_err(reencode::Error::UserError)?);
        Ok(())
    }
}

fn units(instructions: usize) -> i64 {
    i64::try_from(instructions.min(UNITS_MAX)).unwrap_or(i64::MAX)
}

/// Where each loop begins and ends.
fn loops(operators: &[Operator<'_>]) -> Result<BTreeMap<usize, usize>> {
    let (mut loops, mut open) = (BTreeMap::new(), vec![None]);
    for (place, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Loop { .. } => open.push(Some(place)),
            Operator::Block { .. } | Operator::If { .. } => open.push(None),
            Operator::End => {
                let Some(begun) = open.pop() else { bail!("a function of the guest ends twice") };
                loops.extend(begun.map(|begun| (begun, place)));
            }
            _ => {}
        }
    }
    Ok(loops)
}

/// The innermost loop around the largest `br_table`.
fn dispatch(operators: &[Operator<'_>], loops: &BTreeMap<usize, usize>) -> Option<usize> {
    let targets = |operator: &Operator<'_>| match operator {
        Operator::BrTable { targets } => targets.len(),
        _ => 0,
    };
    let (table, _) = operators.iter().enumerate().max_by_key(|(_, operator)| targets(operator))?;
    loops.iter().rev().find(|(begun, end)| **begun < table && table < **end).map(|(begun, _)| *begun)
}

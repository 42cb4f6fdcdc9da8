//! Types as text: on one line where they fit, on several where they do not.

use super::NAMESPACE;
use super::types::{Definitions, Member, Type};

const COLUMNS_MAX: usize = 120;
const INDENT: usize = 4;
/// Columns that are left for what stands before and after a type on its line.
const MARGIN: usize = 8;
/// Definitions that are followed to see whether a tool needs arguments.
const STEPS_MAX: usize = 16;

/// Writes a type. Its first line begins where the text ends; the others are indented by `indent`.
pub(crate) fn print(r#type: &Type, definitions: &Definitions, indent: usize, out: &mut String) {
    Printer { definitions, out }.print(r#type, indent);
}

/// Writes a comment, if there is something to say.
pub(crate) fn documentation(lines: &[String], indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    if let [line] = lines
        && indent + line.chars().count() + "/**  */".len() <= COLUMNS_MAX
    {
        out.push_str(&format!("{pad}/** {line} */\n"));
    } else if !lines.is_empty() {
        out.push_str(&format!("{pad}/**\n"));
        let columns_max = COLUMNS_MAX.saturating_sub(indent + " * ".len()).max(INDENT);
        for line in lines.iter().flat_map(|line| wrap(line, columns_max)) {
            let text = format!("{pad} * {line}");
            out.push_str(text.trim_end());
            out.push('\n');
        }
        out.push_str(&format!("{pad} */\n"));
    }
}

/// Breaks a line between words.
fn wrap(line: &str, columns_max: usize) -> Vec<String> {
    if line.chars().count() <= columns_max {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut columns = 0;
    for word in line.split(' ') {
        let width = word.chars().count();
        if columns > 0 && columns + 1 + width > columns_max {
            lines.push(String::new());
            columns = 0;
        }
        if let Some(last) = lines.last_mut() {
            if columns > 0 {
                last.push(' ');
                columns += 1;
            }
            last.push_str(word);
            columns += width;
        }
    }
    lines
}

/// The name of a member as it is written.
fn key(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
    let is_identifier = name.chars().all(is_plain) && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_identifier && !name.is_empty() { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

struct Printer<'a> {
    definitions: &'a Definitions,
    out: &'a mut String,
}

impl Printer<'_> {
    fn print(&mut self, r#type: &Type, indent: usize) {
        let line_start = self.out.rfind('\n').map_or(0, |at| at + 1);
        let columns = self.out[line_start..].chars().count();
        let columns_left = COLUMNS_MAX.saturating_sub(columns + MARGIN);
        if let Some(text) = self.inline(r#type).filter(|text| text.chars().count() <= columns_left) {
            self.out.push_str(&text);
            return;
        }
        match r#type {
            Type::Object { members, index } => self.object(members, index.as_deref(), indent),
            Type::Array(items) => {
                self.operand(items, indent);
                self.out.push_str("[]");
            }
            Type::Tuple { items, required, rest } => self.tuple(items, *required, rest.as_deref(), indent),
            Type::Union(parts) => {
                for part in parts {
                    self.new_line(indent + INDENT);
                    self.out.push_str("| ");
                    self.print(part, indent + INDENT);
                }
            }
            Type::Intersection(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    self.out.push_str(if at > 0 { " & " } else { "" });
                    self.operand(part, indent);
                }
            }
            Type::Call { arguments, result } => {
                self.out.push_str(if self.definitions.takes_empty(arguments, STEPS_MAX) {
                    "(args?: "
                } else {
                    "(args: "
                });
                self.print(arguments, indent);
                self.out.push_str("): Promise<");
                self.print(result, indent);
                self.out.push('>');
            }
            Type::Unknown | Type::Any | Type::Text(_) | Type::Named(_) => {
                let text = self.inline(r#type).unwrap_or_default();
                self.out.push_str(&text);
            }
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
    }

    /// A type to which an operator is applied.
    fn operand(&mut self, r#type: &Type, indent: usize) {
        let is_compound = matches!(r#type, Type::Union(_) | Type::Intersection(_));
        self.out.push_str(if is_compound { "(" } else { "" });
        self.print(r#type, indent);
        self.out.push_str(if is_compound { ")" } else { "" });
    }

    fn object(&mut self, members: &[Member], index: Option<&Type>, indent: usize) {
        self.out.push_str("{\n");
        let pad = " ".repeat(indent + INDENT);
        for member in members {
            documentation(&member.documentation, indent + INDENT, self.out);
            self.out.push_str(&pad);
            self.out.push_str(&head(member));
            self.print(&member.r#type, indent + INDENT);
            self.out.push_str(";\n");
        }
        if let Some(index) = index {
            self.out.push_str(&format!("{pad}[key: string]: "));
            self.print(index, indent + INDENT);
            self.out.push_str(";\n");
        }
        self.out.push_str(&" ".repeat(indent));
        self.out.push('}');
    }

    fn tuple(&mut self, items: &[Type], required: usize, rest: Option<&Type>, indent: usize) {
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            self.new_line(indent + INDENT);
            if at < required {
                self.print(item, indent + INDENT);
            } else {
                self.operand(item, indent + INDENT);
                self.out.push('?');
            }
            self.out.push(',');
        }
        if let Some(rest) = rest {
            self.new_line(indent + INDENT);
            self.out.push_str("...");
            self.operand(rest, indent + INDENT);
            self.out.push_str("[],");
        }
        self.new_line(indent);
        self.out.push(']');
    }

    /// The type on one line. `None` if it has comments, or is a tool.
    fn inline(&self, r#type: &Type) -> Option<String> {
        let separated = |parts: &[Type], by: &str| {
            let operands: Option<Vec<String>> = parts.iter().map(|part| self.inline_operand(part, by)).collect();
            operands.map(|operands| operands.join(by))
        };
        Some(match r#type {
            Type::Unknown => "unknown".to_owned(),
            Type::Any => "any".to_owned(),
            Type::Text(text) => text.clone(),
            Type::Named(index) => format!("{NAMESPACE}.{}", self.definitions.get(*index)?.name),
            Type::Array(items) => format!("{}[]", self.inline_operand(items, "[]")?),
            Type::Tuple { items, required, rest } => {
                let mut parts = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    let is_required = at < *required;
                    parts.push(if is_required { self.inline(item)? } else { self.inline_operand(item, "?")? + "?" });
                }
                if let Some(rest) = rest {
                    parts.push(format!("...{}[]", self.inline_operand(rest, "[]")?));
                }
                format!("[{}]", parts.join(", "))
            }
            Type::Union(parts) => separated(parts, " | ")?,
            Type::Intersection(parts) => separated(parts, " & ")?,
            Type::Object { members, index } => {
                let mut parts = Vec::new();
                for member in members {
                    parts.push(member.documentation.is_empty().then(|| head(member))? + &self.inline(&member.r#type)?);
                }
                if let Some(index) = index {
                    parts.push(format!("[key: string]: {}", self.inline(index)?));
                }
                if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join("; ")) }
            }
            Type::Call { .. } => return None,
        })
    }

    fn inline_operand(&self, r#type: &Type, operator: &str) -> Option<String> {
        let text = self.inline(r#type)?;
        // `&` binds more tightly than `|`.
        let is_looser = match r#type {
            Type::Union(_) => operator != " | ",
            Type::Intersection(_) => !matches!(operator, " | " | " & "),
            _ => false,
        };
        Some(if is_looser { format!("({text})") } else { text })
    }
}

/// What stands before the type of a member.
fn head(member: &Member) -> String {
    let name = key(&member.name);
    match member.r#type {
        Type::Call { .. } => name,
        _ if member.is_optional => format!("{name}?: "),
        _ => format!("{name}: "),
    }
}

//! The name of each way a run can end, and the exit code that goes with it.

use crate::exit::Exit;
use agentloop_sandbox::{Ending, LimitKind};

/// How a run ended, as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Finished,
    Threw,
    SyntaxError,
    FuelExhausted,
    MemoryExceeded,
    StackOverflow,
    DeadlineExceeded,
    OutputExceeded,
    ToolCallsExceeded,
    Stuck,
    Cancelled,
    Refused,
    Paused,
    NotRecorded,
}

impl Status {
    /// `None` for an ending that this version does not know.
    pub(crate) fn of(ending: &Ending) -> Option<Self> {
        Some(match ending {
            Ending::Finished(_) => Self::Finished,
            Ending::Threw(_) => Self::Threw,
            Ending::Syntax(_) => Self::SyntaxError,
            Ending::Stuck => Self::Stuck,
            Ending::Cancelled => Self::Cancelled,
            Ending::Refused(_) => Self::Refused,
            Ending::Suspended(_) => Self::Paused,
            Ending::NotRecorded { .. } => Self::NotRecorded,
            Ending::LimitExceeded(exceeded) => match exceeded.limit {
                LimitKind::Fuel | LimitKind::StepFuel => Self::FuelExhausted,
                LimitKind::GuestTime | LimitKind::WallTime | LimitKind::Waited => Self::DeadlineExceeded,
                LimitKind::Memory => Self::MemoryExceeded,
                LimitKind::Stack => Self::StackOverflow,
                LimitKind::Value | LimitKind::BytesIn | LimitKind::BytesOut => Self::OutputExceeded,
                LimitKind::Calls | LimitKind::ToolCalls | LimitKind::ToolBytes => Self::ToolCallsExceeded,
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Threw => "threw",
            Self::SyntaxError => "syntax_error",
            Self::FuelExhausted => "fuel_exhausted",
            Self::MemoryExceeded => "memory_exceeded",
            Self::StackOverflow => "stack_overflow",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::OutputExceeded => "output_exceeded",
            Self::ToolCallsExceeded => "tool_calls_exceeded",
            Self::Stuck => "stuck",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Paused => "paused",
            Self::NotRecorded => "not_recorded",
        }
    }

    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Finished => Exit::Finished,
            Self::Threw => Exit::Threw,
            Self::SyntaxError => Exit::SyntaxError,
            Self::FuelExhausted => Exit::FuelExhausted,
            Self::MemoryExceeded => Exit::MemoryExceeded,
            Self::StackOverflow => Exit::StackOverflow,
            Self::DeadlineExceeded => Exit::DeadlineExceeded,
            Self::OutputExceeded => Exit::OutputExceeded,
            Self::ToolCallsExceeded => Exit::ToolCallsExceeded,
            Self::Stuck => Exit::Stuck,
            Self::Cancelled => Exit::Cancelled,
            Self::Refused => Exit::Refused,
            Self::Paused => Exit::Paused,
            Self::NotRecorded => Exit::NotRecorded,
        }
    }
}

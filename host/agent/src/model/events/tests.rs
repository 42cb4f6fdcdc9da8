use super::*;

const PLENTY: usize = 1024;

/// What comes of these pieces, the rest last.
fn read(framing: Framing, bytes_max: usize, pieces: &[&[u8]]) -> Vec<Result<String, Flaw>> {
    let mut events = Events::new(framing, bytes_max);
    let mut all = Vec::new();
    for piece in pieces {
        let mut bytes = *piece;
        while let Some(event) = events.next(&mut bytes) {
            let is_flawed = event.is_err();
            all.push(event);
            if is_flawed {
                return all;
            }
        }
        assert_eq!(bytes, b"", "everything is taken");
    }
    all.extend(events.rest());
    all
}

/// The stream comes to these events, in whatever pieces it arrives.
fn check(framing: Framing, stream: impl AsRef<[u8]>, expected: &[&str]) {
    let stream = stream.as_ref();
    let expected: Vec<Result<String, Flaw>> = expected.iter().map(|event| Ok((*event).to_owned())).collect();
    for cut in 0..=stream.len() {
        let (one, other) = stream.split_at(cut);
        assert_eq!(read(framing, PLENTY, &[one, other]), expected, "cut after {cut} bytes");
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(read(framing, PLENTY, &bytes), expected, "byte by byte");
}

#[test]
fn events_end_with_an_empty_line() {
    check(Framing::Sent, "data: a\n\ndata: b\n\n", &["a", "b"]);
    check(Framing::Sent, "data: a\n\n\n\n\ndata: b\n\n", &["a", "b"]);
}

#[test]
fn lines_end_in_three_ways() {
    for end in ["\n", "\r\n", "\r"] {
        let stream = ["event: x", "data: a", "data: b", "", "data: c", "", ""].join(end);
        check(Framing::Sent, stream, &["a\nb", "c"]);
    }
    check(Framing::Sent, "data: a\r\ndata: b\r\n\ndata: c\r\r\n", &["a\nb", "c"]);
}

#[test]
fn what_is_no_data_is_passed_over() {
    check(Framing::Sent, ": ping\n\nevent: x\nid: 1\nretry: 5\n\ndatabase: a\n data: b\n\ndata: c\n\n", &["c"]);
}

#[test]
fn one_space_before_the_data_is_none_of_it() {
    check(Framing::Sent, "data:a\n\ndata:  b \n\n", &["a", " b "]);
}

#[test]
fn data_may_be_empty() {
    check(Framing::Sent, "data\n\ndata:\n\ndata: \n\ndata:\ndata:\n\n", &["", "", "", "\n"]);
}

#[test]
fn a_byte_order_mark_is_passed_over_at_the_beginning_only() {
    check(Framing::Sent, "\u{feff}data: a\n\ndata: \u{feff}b\n\n\u{feff}data: c\n\n", &["a", "\u{feff}b"]);
    check(Framing::Lines, "\u{feff}{}\n", &["{}"]);
}

#[test]
fn letters_may_be_torn() {
    check(Framing::Sent, "data: Grüß dich 🌍\n\n", &["Grüß dich 🌍"]);
    check(Framing::Lines, "Grüß dich 🌍\n", &["Grüß dich 🌍"]);
}

#[test]
fn the_rest_is_given_when_the_stream_ends() {
    check(Framing::Sent, "data: a\n\ndata: b\ndata: c", &["a", "b\nc"]);
    check(Framing::Sent, "data: a\n", &["a"]);
    check(Framing::Sent, "data: a\n\nevent: b", &["a"]);
    check(Framing::Lines, "a\nb", &["a", "b"]);
    check(Framing::Sent, "", &[]);
    check(Framing::Lines, "", &[]);
}

#[test]
fn lines_are_events() {
    check(Framing::Lines, "{\"a\":1}\n\n{\"b\":2}\r\n{}\n", &["{\"a\":1}", "{\"b\":2}", "{}"]);
}

#[test]
fn bytes_that_are_no_text_are_none() {
    for (framing, stream) in [(Framing::Sent, &b"data: \xFF\n\n"[..]), (Framing::Lines, b"\xFF\n")] {
        assert_eq!(read(framing, PLENTY, &[stream]), [Err(Flaw::NoText)]);
    }
}

#[test]
fn the_limit_is_exact_wherever_it_falls() {
    let stream = b"data: a\n\n: b\ndata: c\n\n";
    let whole = [Ok("a".to_owned()), Ok("c".to_owned())];
    assert_eq!(read(Framing::Sent, stream.len(), &[stream]), whole);
    for bytes_max in 0..stream.len() {
        let before = whole.iter().take(usize::from(bytes_max >= 9)).cloned();
        let expected: Vec<_> = before.chain([Err(Flaw::TooMuch(bytes_max))]).collect();
        assert_eq!(read(Framing::Sent, bytes_max, &[stream]), expected, "{bytes_max} bytes at once");
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(Framing::Sent, bytes_max, &bytes), expected, "{bytes_max} bytes one by one");
    }
}

#[test]
fn a_huge_line_is_kept_once() {
    const BYTES_MAX: usize = 16 * 1024 * 1024;
    for framing in [Framing::Sent, Framing::Lines] {
        let mut events = Events::new(framing, BYTES_MAX);
        let piece = [b'x'; 8 * 1024];
        for _ in 0..BYTES_MAX / piece.len() {
            assert_eq!(events.next(&mut &piece[..]), None);
        }
        assert_eq!((events.line.len(), events.data.len()), (BYTES_MAX, 0));
        assert_eq!(events.next(&mut &b"\n"[..]), Some(Err(Flaw::TooMuch(BYTES_MAX))));
    }
}

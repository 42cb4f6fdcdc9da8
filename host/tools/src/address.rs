//! Which addresses may be connected to. The table is what the registries of special addresses say; what is in none of its rows
//! is public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who can be at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Anybody on the Internet.
    Public,
    /// This machine, or one of its network: only if the host was allowed to be private.
    Private,
    /// Nobody that a script should talk to, such as the metadata service of a cloud, or a whole group of machines.
    Never,
}

/// First address, length of the prefix, who is there. The first row that fits counts.
const V4: &[([u8; 4], u32, Reach)] = &[
    ([0, 0, 0, 0], 8, Reach::Never),
    ([10, 0, 0, 0], 8, Reach::Private),
    // Shared by the customers of a provider.
    ([100, 64, 0, 0], 10, Reach::Private),
    ([127, 0, 0, 0], 8, Reach::Private),
    // Of this link alone; clouds keep their metadata here.
    ([169, 254, 0, 0], 16, Reach::Never),
    ([172, 16, 0, 0], 12, Reach::Private),
    ([192, 0, 0, 0], 24, Reach::Never),
    ([192, 0, 2, 0], 24, Reach::Never),
    ([192, 88, 99, 0], 24, Reach::Never),
    ([192, 168, 0, 0], 16, Reach::Private),
    ([198, 18, 0, 0], 15, Reach::Never),
    ([198, 51, 100, 0], 24, Reach::Never),
    ([203, 0, 113, 0], 24, Reach::Never),
    // Groups, reserved, and everybody of this link.
    ([224, 0, 0, 0], 3, Reach::Never),
];

/// As [`V4`]. Only `2000::/3` is given out to the public, and parts of it are not.
const V6: &[([u16; 3], u32, Reach)] = &[
    // Teredo, benchmarks, identities and more.
    ([0x2001, 0, 0], 23, Reach::Never),
    // Documentation.
    ([0x2001, 0xdb8, 0], 32, Reach::Never),
    ([0x3fff, 0, 0], 20, Reach::Never),
    ([0x2000, 0, 0], 3, Reach::Public),
    ([0xfc00, 0, 0], 7, Reach::Private),
    ([0, 0, 0], 0, Reach::Never),
];

/// Who can be at an address. One that carries an IPv4 address is as that one.
pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => reach_v4(address),
            None if address == Ipv6Addr::LOCALHOST => Reach::Private,
            None => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let bits = u32::from(address);
    let fits = |first: [u8; 4], length: u32| bits >> (32 - length) == u32::from_be_bytes(first) >> (32 - length);
    let row = V4.iter().find(|(first, length, _)| fits(*first, *length));
    row.map_or(Reach::Public, |(_, _, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let bits = u128::from(address);
    let fits = |[a, b, c]: [u16; 3], length: u32| {
        let first = u128::from(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0));
        // No prefix at all fits everything.
        length == 0 || bits >> (128 - length) == first >> (128 - length)
    };
    let row = V6.iter().find(|(first, length, _)| fits(*first, *length));
    row.map_or(Reach::Never, |(_, _, reach)| *reach)
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:a.b.c.d`), translated (`64:ff9b::a.b.c.d`), or behind a
/// 6to4 router (`2002:ab:cd::`).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let from = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => from(g, h),
        [0x2002, high, low, ..] => from(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Reach, addresses: &[&str]) {
        for text in addresses {
            let address: IpAddr = text.parse().expect("it is an address");
            assert_eq!(reach(address), expected, "{text}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        check(
            Reach::Public,
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2001:4860:4860::8888",
                "::ffff:1.1.1.1",
                "64:ff9b::1.1.1.1",
                "2002:101:101::1",
            ],
        );
    }

    #[test]
    fn addresses_of_this_network_are_private() {
        check(
            Reach::Private,
            &[
                "127.0.0.1",
                "127.255.255.255",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "100.127.255.255",
                "::1",
                "fc00::1",
                "fdff::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::10.0.0.1",
                "2002:7f00:1::",
                "2002:a00:1::1",
            ],
        );
    }

    #[test]
    fn special_addresses_are_never_reached() {
        check(
            Reach::Never,
            &[
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::127.0.0.1",
                "::ffff:169.254.169.254",
                "64:ff9b::169.254.169.254",
                "64:ff9b:1::1",
                "2002:a9fe:a9fe::",
                "2001::1",
                "2001:0:7f00:1::",
                "2001:db8::1",
                "3fff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "100::1",
            ],
        );
    }
}

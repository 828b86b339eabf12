use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn public(text: &str) -> bool {
    is_public(text.parse().unwrap())
}

#[test]
fn no_name_of_this_machine_is_admitted_however_it_is_written() {
    for host in ["localhost", "localhost.", "LOCALHOST.", "app.localhost", "app.localhost."] {
        let url = Url::parse(&format!("https://{host}/x")).unwrap();
        assert!(admit(&url, &Security::default()).is_err(), "{host}");
    }
    let elsewhere = Url::parse("https://localhost.example.org./x").unwrap();
    assert_eq!(admit(&elsewhere, &Security::default()), Ok(Passage::Public));
}

#[test]
fn ordinary_servers_are_public() {
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a01:4f8::1",
        "3ffe:ffff::1",
        "64:ff9b::101:101",
    ] {
        assert!(public(address), "{address}");
    }
}

#[rstest]
#[case::this_network("0.0.0.0", "0.255.255.255")]
#[case::private_a("10.0.0.0", "10.255.255.255")]
#[case::carrier("100.64.0.0", "100.127.255.255")]
#[case::loopback("127.0.0.1", "127.255.255.255")]
#[case::link_and_metadata("169.254.0.0", "169.254.169.254")]
#[case::private_b("172.16.0.0", "172.31.255.255")]
#[case::protocols("192.0.0.0", "192.0.0.255")]
#[case::example_1("192.0.2.0", "192.0.2.255")]
#[case::anycast_6to4("192.88.99.0", "192.88.99.255")]
#[case::private_c("192.168.0.0", "192.168.255.255")]
#[case::benchmark("198.18.0.0", "198.19.255.255")]
#[case::example_2("198.51.100.0", "198.51.100.255")]
#[case::example_3("203.0.113.0", "203.0.113.255")]
#[case::groups("224.0.0.1", "239.255.255.255")]
#[case::reserved_and_broadcast("240.0.0.0", "255.255.255.255")]
#[case::unspecified_and_loopback_v6("::", "::1")]
#[case::compatible("::7f00:1", "::0101:0101")]
#[case::mapped("::ffff:127.0.0.1", "::ffff:1.1.1.1")]
#[case::nat64_of_private("64:ff9b::a00:1", "64:ff9b::7f00:1")]
#[case::nat64_local("64:ff9b:1::", "64:ff9b:1:ffff::1")]
#[case::discard("100::", "100::ffff")]
#[case::teredo("2001::1", "2001:0:ffff::")]
#[case::benchmark_v6("2001:2::1", "2001:2:0:ffff::")]
#[case::orchid("2001:10::", "2001:2f:ffff::")]
#[case::example_v6("2001:db8::1", "2001:db8:ffff::")]
#[case::six_to_four("2002:7f00:1::", "2002:a00:1::1")]
#[case::example_v6_new("3fff::1", "3fff:fff::1")]
#[case::segment_routing("5f00::1", "5f00:ffff::")]
#[case::unique_local("fc00::1", "fdff:ffff::1")]
#[case::link_v6("fe80::1", "febf::1")]
#[case::site("fec0::1", "feff::1")]
#[case::groups_v6("ff02::1", "ffff::")]
fn what_is_special_is_not_public(#[case] first: &str, #[case] last: &str) {
    assert!(!public(first), "{first}");
    assert!(!public(last), "{last}");
}

proptest! {
    #[test]
    fn an_address_of_a_private_network_is_never_public(host: u32, net in 0usize..7) {
        let nets: [(Ipv4Addr, u32); 7] = [
            (Ipv4Addr::new(10, 0, 0, 0), 8),
            (Ipv4Addr::new(100, 64, 0, 0), 10),
            (Ipv4Addr::new(127, 0, 0, 0), 8),
            (Ipv4Addr::new(169, 254, 0, 0), 16),
            (Ipv4Addr::new(172, 16, 0, 0), 12),
            (Ipv4Addr::new(192, 168, 0, 0), 16),
            (Ipv4Addr::new(224, 0, 0, 0), 3),
        ];
        let (net, length) = nets[net];
        let address = Ipv4Addr::from_bits(net.to_bits() | host >> length);
        prop_assert!(!is_public(IpAddr::V4(address)), "{address}");
        prop_assert!(!is_public(IpAddr::V6(address.to_ipv6_mapped())), "mapped {address}");
        prop_assert!(!is_public(IpAddr::V6(address.to_ipv6_compatible())), "compatible {address}");
    }

    #[test]
    fn an_ipv4_address_in_the_clothes_of_ipv6_is_no_way_around(bits: u32) {
        let plain = Ipv4Addr::from_bits(bits);
        prop_assert!(!is_public(IpAddr::V6(plain.to_ipv6_mapped())));
        let [a, b, c, d] = plain.octets().map(u16::from);
        let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
        prop_assert_eq!(is_public(IpAddr::V6(nat64)), is_public(IpAddr::V4(plain)));
        let six_to_four = Ipv6Addr::new(0x2002, a << 8 | b, c << 8 | d, 0, 0, 0, 0, 1);
        prop_assert!(!is_public(IpAddr::V6(six_to_four)));
    }

    #[test]
    fn only_global_unicast_is_public_in_ipv6(bits: u128) {
        let address = Ipv6Addr::from_bits(bits);
        let nat64 = address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
        let global = address.segments()[0] >> 13 == 1;
        prop_assert!(!is_public(IpAddr::V6(address)) || global || nat64);
    }
}

fn admitted(url: &str) -> Result<Passage, String> {
    let allow_private_hosts = ["nas.local", "192.168.1.5", "[fd00::1]"].map(str::to_owned);
    let security =
        Security { allow_private_hosts: allow_private_hosts.to_vec(), ..Security::default() };
    admit(&Url::parse(url).unwrap(), &security)
}

#[test]
fn any_public_server_is_called_over_https() {
    for url in ["https://a.example/x", "https://1.1.1.1", "https://[2606:4700::1111]:8443/"] {
        assert_eq!(admitted(url), Ok(Passage::Public), "{url}");
    }
}

#[test]
fn a_host_that_is_allowed_by_name_is_called_in_any_way() {
    for url in [
        "http://nas.local:8080/x",
        "https://NAS.local",
        "http://192.168.1.5",
        "http://[fd00::1]:1",
        "http://[fd00:0::1]",
    ] {
        assert_eq!(admitted(url), Ok(Passage::Named), "{url}");
    }
}

#[rstest]
#[case::clear("http://a.example/hook/SECRET")]
#[case::loopback("https://127.0.0.1/SECRET")]
#[case::loopback_short("https://127.1/SECRET")]
#[case::loopback_number("https://2130706433/SECRET")]
#[case::loopback_octal("https://0177.0.0.1/SECRET")]
#[case::loopback_hex("https://0x7f.0.0.1/SECRET")]
#[case::loopback_v6("https://[::1]/SECRET")]
#[case::mapped("https://[::ffff:10.0.0.1]/SECRET")]
#[case::metadata("https://169.254.169.254/SECRET")]
#[case::another_private("https://192.168.1.6/SECRET")]
#[case::file("file:///SECRET")]
#[case::other("ftp://nas.local/SECRET")]
fn anything_else_is_blocked_in_words_without_the_path(#[case] url: &str) {
    let why = admitted(url).unwrap_err();
    assert!(!why.contains("SECRET"), "{why}");
}

#[test]
fn what_is_blocked_names_the_way_out() {
    for url in ["http://shop.lan/", "https://10.0.0.1/"] {
        let why = admitted(url).unwrap_err();
        let host = Url::parse(url).unwrap().host_str().unwrap().to_owned();
        assert!(why.contains(&format!("allow_private_hosts = [\"{host}\"]")), "{why}");
    }
}

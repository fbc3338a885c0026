//! An order costs money: it is never sent twice, whatever the caller sets.

use koophone::{Client, ErrorKind, InstanceOrder, PeriodUnit};
use koophone_emulator::{Emulator, Options};

#[test]
fn an_order_cannot_be_declared_repeatable() {
    let emulator = Emulator::start(Options::default()).unwrap();
    let client = Client::builder().environment(emulator.environment()).build().unwrap();
    let order = InstanceOrder {
        os: "AOSP11".into(),
        sku_id: "kp.demo.large.1".into(),
        bandwidth_sku_id: "kp.demo.band".into(),
        region: "cn-north-4".into(),
        name_prefix: "grid-k3f9".into(),
        bandwidth_mbps: 4,
        count: 1,
        period_unit: PeriodUnit::Month,
        period_count: 1,
        auto_pay: true,
        auto_renew: false,
        network: None,
        node_group_id: None,
    };
    let error = client.create_instances(order.clone()).repeatable(true).wait().unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("repeatable")));
    assert!(emulator.requests().iter().all(|request| request.path != "/v1/instances/create"), "it was sent");
    assert_eq!(client.create_instances(order).wait().unwrap().instances.len(), 1);
}

//! Whatever happens to a delivery, in whatever order.

use super::*;

/// What may happen to one delivery.
#[derive(Clone, Debug)]
enum Step {
    Claim,
    End(usize),
    OptOut,
    OptIn,
    Retry,
    Cancel,
    Wait(Millis),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Claim),
        4 => (0_usize..7).prop_map(Step::End),
        1 => Just(Step::OptOut),
        1 => Just(Step::OptIn),
        1 => Just(Step::Retry),
        1 => Just(Step::Cancel),
        2 => (1..10 * MINUTE).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..40)
}

fn fate(number: usize, order: &OutboundOrder) -> Fate {
    match number {
        0 => delivered(),
        1 if order.attempts < order.allowed => {
            Fate::Retry { after: Duration::from_secs(60), why: why("later") }
        }
        1 | 2 => Fate::Failed { why: why("never") },
        3 => Fate::InDoubt { why: why("lost") },
        4 => Fate::Inactive { why: why("dead") },
        5 => Fate::OptedOut { why: why("stop") },
        _ => Fate::Paused { why: why("password") },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_sent_after_an_opt_out_attempts_are_bounded_and_nothing_is_lost(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let mut fixture = to_mail().await;
            let id: NotificationId = fixture.post("a").await;
            let mut held: Option<OutboundOrder> = None;
            let mut out = false;
            for step in steps {
                match step {
                    Step::Claim => {
                        let claimed = claim(&fixture).await;
                        assert!(claimed.orders.len() <= 1, "one row, one claim");
                        if let Some(order) = claimed.orders.into_iter().next() {
                            assert!(!out, "nothing is claimed while an opt-out stands");
                            assert!(order.attempts <= order.allowed, "attempts are bounded");
                            held = Some(order);
                        }
                    }
                    Step::End(number) => {
                        if let Some(order) = held.take() {
                            let fate = fate(number, &order);
                            end(&fixture, &order, fate).await;
                        }
                    }
                    Step::OptOut => {
                        let all = OptOut { target: "mail".into(), ..OptOut::default() };
                        fixture.store.opt_out(all).await.expect("opts out");
                        out = true;
                    }
                    Step::OptIn => {
                        fixture.store.opt_in(Scope::default(), "mail".into()).await.expect("opts in");
                        out = false;
                    }
                    Step::Retry => {
                        let delivery = only(&fixture).await.id;
                        fixture.store.retry_deliveries(vec![delivery]).await.expect("retries");
                    }
                    Step::Cancel => {
                        let delivery = only(&fixture).await.id;
                        fixture.store.cancel_deliveries(vec![delivery]).await.expect("cancels");
                    }
                    Step::Wait(by) => fixture.clock.advance(by),
                    Step::Restart => {
                        fixture = fixture.reopened().await;
                        configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
                    }
                }
                let row = only(&fixture).await;
                assert_eq!(row.notification, id.0, "it is never lost");
                let waits = matches!(row.status, DeliveryStatus::Scheduled | DeliveryStatus::Retry);
                assert!(!(out && waits), "nothing waits while an opt-out stands: {row:?}");
            }
        });
    }
}

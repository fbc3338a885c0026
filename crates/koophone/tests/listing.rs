//! Lists over several pages: when they end, what is read, and how errors are handled.

mod common;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use common::{Canned, Reply};
use koophone::blocking::{Client, Listing};
use koophone::{CallOptions, CancelToken, Credentials, ErrorKind, Instance, InstanceFilter};

/// A page with these phones.
fn page(ids: &[&str], total: Option<i64>) -> Reply {
    let phones: Vec<_> = ids.iter().map(|id| serde_json::json!({"instance_id": id})).collect();
    let data = serde_json::json!({"result": phones, "total_count": total, "error_code": null});
    Reply::ok(serde_json::json!({ "data": data }).to_string())
}

fn refusal() -> Reply {
    Reply::status(400, r#"{"error_code":"KOOPHONE.API.1000","error_msg":"no"}"#)
}

fn phones(client: &Client, page_size: i64) -> Listing<Instance> {
    client.list_instances(InstanceFilter::default()).page_size(page_size)
}

/// The ids of a list that the service returns in these pages, and the pages that were requested.
fn read(pages: Vec<Reply>, page_size: i64) -> (Result<Vec<String>, koophone::Error>, Vec<String>) {
    let server = Canned::in_turn(pages);
    let client = server.client();
    let ids = phones(&client, page_size).map(|phone| phone.map(|phone| phone.instance_id)).collect();
    (ids, asked(&server))
}

fn asked(server: &Canned) -> Vec<String> {
    let number = |path: &str| path.split("page_no=").nth(1)?.split('&').next().map(str::to_owned);
    server.seen().iter().filter_map(|seen| number(&seen.path)).collect()
}

#[test]
fn a_list_ends_at_an_empty_page_or_at_a_short_one_that_completes_the_count() {
    let count = |number| Some(number);
    for (pages, ids, requests) in [
        // A short page that completes the count.
        (vec![page(&["a", "b"], count(3)), page(&["c"], count(3))], "a b c", 2),
        // A full one does not: the count may be out of date.
        (vec![page(&["a", "b"], count(2)), page(&["c"], count(2))], "a b c", 2),
        (vec![page(&["a", "b"], count(2)), page(&[], count(2))], "a b", 2),
        // Nor does a short one without a count, or before it is reached: the service may return less than requested.
        (vec![page(&["a"], None), page(&["b"], None), page(&[], None)], "a b", 3),
        (vec![page(&["a"], count(3)), page(&["b"], count(3)), page(&["c"], count(3))], "a b c", 3),
        (vec![page(&[], count(7))], "", 1),
    ] {
        let (read, asked) = read(pages, 2);
        assert_eq!(read.unwrap().join(" "), ids);
        assert_eq!(asked, (1..=requests).map(|number| number.to_string()).collect::<Vec<_>>(), "{ids}");
    }
}

#[test]
fn an_item_on_two_pages_is_returned_once_and_one_without_an_id_always() {
    let (read, _) = read(vec![page(&["a", ""], Some(5)), page(&["a", "b"], Some(5)), page(&[""], Some(5))], 2);
    assert_eq!(read.unwrap(), ["a", "", "b", ""]);
    let (read, asked) = self::read(vec![page(&["a", "b"], Some(3)), page(&["b"], Some(3))], 2);
    assert_eq!((read.unwrap(), asked.len()), (vec!["a".to_owned(), "b".to_owned()], 2));
}

#[test]
fn a_list_without_end_is_an_error() {
    let server = Canned::always(page(&["a", "b"], Some(1000)));
    let mut list = phones(&server.client(), 2);
    assert_eq!(list.by_ref().take(2).filter(Result::is_ok).count(), 2);
    for _ in 0..2 {
        let error = list.next().unwrap().unwrap_err();
        assert_eq!((error.kind(), error.maybe_executed(), list.page_no()), (ErrorKind::Protocol, false, 2), "{error}");
        assert!(error.message().contains("page 2 of batch-query only repeats"), "{error}");
    }
}

#[test]
fn items_without_an_id_are_returned_up_to_the_count_of_the_list() {
    let (read, _) = read(vec![page(&["", ""], Some(4)), page(&["a", "b"], Some(4)), page(&[], Some(4))], 2);
    assert_eq!(read.unwrap(), ["", "", "a", "b"]);
    for total in [Some(3), None] {
        let server = Canned::always(page(&["", ""], total));
        let mut list = phones(&server.client(), 2);
        let read = list.by_ref().take_while(Result::is_ok).take(20).count();
        assert_eq!(read, if total.is_some() { 2 } else { 0 }, "a list with only such items ends");
        assert_eq!(list.next().unwrap().unwrap_err().kind(), ErrorKind::Protocol);
    }
}

#[test]
fn after_an_error_the_same_page_is_read_again() {
    let server =
        Canned::in_turn(vec![page(&["a", "b"], Some(3)), refusal(), page(&["b", "c"], Some(4)), page(&["d"], Some(4))]);
    let mut list = phones(&server.client(), 2);
    let ids = |list: &mut Listing<Instance>, count| -> Vec<String> {
        list.take(count).map(|phone| phone.unwrap().instance_id).collect()
    };
    assert_eq!((ids(&mut list, 2).join(" ").as_str(), list.page_no()), ("a b", 2));
    assert_eq!(list.next().unwrap().unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!((list.page_no(), ids(&mut list, 9).join(" ").as_str()), (2, "c d"));
    assert!(list.next().is_none() && list.next().is_none());
    assert_eq!(asked(&server), ["1", "2", "2", "3"]);
}

#[test]
fn no_page_is_read_before_its_items_are_requested() {
    let server = Canned::in_turn(vec![page(&["a", "b"], Some(4)), page(&["c", "d"], Some(4)), page(&[], Some(4))]);
    let client = server.client();
    let mut list = phones(&client, 2);
    assert!(server.seen().is_empty());
    assert!(list.next().is_some() && list.next().is_some());
    assert_eq!(asked(&server), ["1"]);
    let error = phones(&client, 201).next().unwrap().unwrap_err();
    assert_eq!((error.argument(), server.seen().len()), (Some("page_size"), 1));
}

#[test]
fn each_page_has_the_options_of_the_call() {
    let server = Canned::new(|seen| {
        if seen.path.contains("page_no=2") {
            std::thread::sleep(Duration::from_secs(2));
        }
        page(&["a", "b"], None)
    });
    let cancel = CancelToken::new();
    let options = CallOptions::new().timeout(Duration::from_millis(300)).cancel_with(cancel.clone());
    let mut list = phones(&server.client().with(options), 2).skip(2);
    assert_eq!(list.next().unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    cancel.cancel();
    assert_eq!(list.next().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn a_stream_continues_after_an_error_and_after_an_abandoned_wait() {
    let server = Canned::in_turn(vec![page(&["a"], Some(2)), refusal(), page(&["b"], Some(2))]);
    let client = server.builder().credentials(Credentials::token("t")).build().unwrap();
    let mut list = client.list_instances(InstanceFilter::default()).page_size(2);
    {
        let mut given_up = pin!(list.next());
        assert!(matches!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    }
    assert_eq!(list.next().await.unwrap().unwrap().instance_id, "a");
    assert_eq!(list.next().await.unwrap().unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(list.next().await.unwrap().unwrap().instance_id, "b");
    assert!(list.next().await.is_none() && list.next().await.is_none());
    assert_eq!(asked(&server), ["1", "2", "2"]);
}

//! What an operation is: one declaration per service call.

use http::Method;

/// One call of the service, declared once. The request and answer types stand beside the declaration, in
/// `operations/`; what is here is all that the pipeline needs to know.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Our word for it, the same in every language.
    pub name: &'static str,
    /// The service's word, for messages and documentation.
    pub service_name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with at most one `{}` for the id.
    pub path: &'static str,
    /// Whether it changes something that doing it twice would change twice. Never repeated by us once a request may
    /// have reached the service, unless the caller says `repeatable`.
    pub changes: bool,
    /// Whether it only reads, so that nothing on a phone can change whatever becomes of it.
    pub read_only: bool,
    /// Whether it destroys user data; command lines ask before it.
    pub destroys: bool,
    /// Most phones one request may name by the later documents; 0 where the operation takes no list.
    pub max_batch: usize,
}

//! `koophone assign` and `koophone unassign`

use clap::Args;
use koophone::PhoneResults;

use crate::assignment_args::{AssignmentArgs, pairs};
use crate::confirm::{About, ConfirmArgs};
use crate::failure::RunResult;
use crate::follow::FollowArgs;
use crate::outcomes;
use crate::repeat_args::RepeatArgs;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  koophone assign a44uhlf7=tester-07 efjy72gs=tester-08
  koophone assign --user tester-07 a44uhlf7 efjy72gs
  # many, from a table with the columns instance_id and user_id
  koophone assign --assignments users.csv";

const UNASSIGN_EXAMPLES: &str = "\
Examples:
  # asks for confirmation
  koophone unassign a44uhlf7=tester-07
  # in a script: does not ask
  koophone unassign --assignments users.csv --yes --timeout 15m";

/// Assign phones to users (分配云手机)
///
/// A user is any name of your choice, 1 to 32 characters. koophone list shows who has which phone.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AssignArgs {
    #[command(flatten)]
    assignments: AssignmentArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

/// Take phones from their users (取消分配). The users' data is lost
///
/// Each phone is given with its current user. Asks for confirmation on a terminal; elsewhere --yes is required.
#[derive(Args, Debug)]
#[command(after_help = UNASSIGN_EXAMPLES)]
pub(crate) struct UnassignArgs {
    #[command(flatten)]
    assignments: AssignmentArgs,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    follow: FollowArgs,
    #[command(flatten)]
    repeat: RepeatArgs,
}

pub(crate) fn assign(args: &AssignArgs, session: &Session) -> RunResult {
    let assignments = args.assignments.read(session)?;
    let phones = session.call(args.repeat.on(session.client()?.assign_instances(assignments)))?;
    outcomes::show(session, &phones, "ASSIGN", "assigned")?;
    Ok(phones.raise_for_errors()?)
}

pub(crate) fn unassign(args: &UnassignArgs, session: &Session) -> RunResult {
    let assignments = args.assignments.read(session)?;
    let client = session.client_for("unassign_instances", &About::Phones(&pairs(&assignments)), args.confirm)?;
    let task = session.call(args.repeat.on(client.unassign_instances(assignments)))?;
    args.follow.finish_or_accepted(session, &task, "UNASSIGN", "koophone list shows who has which phone")
}

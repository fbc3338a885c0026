//! The jobs of phones: how they start, and their effects when they end.

use crate::ids::IdKind;
use crate::phone::contract::Contract;
use crate::phone::life::{Ended, Work, WorkKind};
use crate::world::World;
use crate::world::agenda::{Due, Install};
use crate::world::orders::Ordered;
use crate::world::tasks::Outcome;

impl World {
    /// Whether a fault makes the job of this request fail on the phone.
    pub(crate) fn job_fails(&self, instance_id: &str) -> bool {
        self.failing.as_ref().is_some_and(|ids| ids.is_empty() || ids.iter().any(|id| id == instance_id))
    }

    /// Assigns a job to a phone, and returns when it will end.
    pub(crate) fn begin(&mut self, instance_id: &str, kind: WorkKind, fails: bool) -> i64 {
        self.begin_at(self.clock.now_ms(), instance_id, kind, fails)
    }

    fn begin_at(&mut self, begin_ms: i64, instance_id: &str, kind: WorkKind, fails: bool) -> i64 {
        let options = &self.options;
        let duration_ms = match kind {
            WorkKind::Resetting => options.reset_duration_ms,
            WorkKind::Rebooting => options.reboot_duration_ms,
            WorkKind::Unassigning => options.unassign_duration_ms,
            WorkKind::BackingUp => options.backup_duration_ms,
            WorkKind::Restoring => options.restore_duration_ms,
            WorkKind::Queued => u64::MAX,
        };
        let end_ms = begin_ms.saturating_add(i64::try_from(duration_ms).unwrap_or(i64::MAX));
        let number = self.agenda.number();
        if let Some(phone) = self.fleet.get_mut(instance_id) {
            phone.life.work = Some(Work { kind, begin_ms, end_ms, number });
        }
        if kind != WorkKind::Queued {
            self.agenda.add(end_ms, number, Due::Work { instance_id: instance_id.to_owned(), fails });
        }
        end_ms
    }

    /// Restores a phone from storage, or lets it wait for a machine.
    pub(crate) fn restore(&mut self, instance_id: &str) {
        let fails = self.job_fails(instance_id);
        if self.machines.take() {
            self.begin(instance_id, WorkKind::Restoring, fails);
        } else {
            self.machines.wait(instance_id.to_owned(), fails);
            self.begin(instance_id, WorkKind::Queued, fails);
        }
    }

    /// Sets the number of free machines.
    pub(crate) fn set_free_machines(&mut self, count: usize) {
        self.machines.set_free(count);
        self.serve_queue(self.clock.now_ms());
    }

    fn serve_queue(&mut self, now_ms: i64) {
        while let Some((instance_id, fails)) = self.machines.next() {
            self.begin_at(now_ms, &instance_id, WorkKind::Restoring, fails);
        }
    }

    /// Sets the state of a phone, whatever it was doing; false if there is no such phone.
    pub(crate) fn set_phone_state(&mut self, instance_id: &str, state: i64) -> bool {
        self.machines.leave(instance_id);
        self.fleet.set_state(instance_id, state)
    }

    /// An id that no phone has, had or will have.
    pub(crate) fn new_phone_id(&mut self) -> String {
        loop {
            let id = self.ids.stream(IdKind::Phone).phone();
            if self.fleet.reserve(&id) {
                return id;
            }
        }
    }

    /// Accepts an order, whose phones are created when it is paid.
    pub(crate) fn order(&mut self, order_id: String, phones: Ordered, is_paid: bool) {
        self.orders.add(order_id.clone(), phones);
        if is_paid {
            self.pay_order(&order_id);
        }
    }

    /// Pays an order; false if there is no unpaid order with this id.
    pub(crate) fn pay_order(&mut self, order_id: &str) -> bool {
        let Some(phones) = self.orders.pay(order_id) else {
            return false;
        };
        let created_ms = self.clock.now_ms();
        for (id, contract) in phones {
            self.fleet.create(id, Contract { created_ms, ..contract });
        }
        true
    }

    /// Deletes phones, with everything known about them.
    pub(crate) fn delete_phones(&mut self, instance_ids: &[String]) {
        for id in instance_ids {
            self.machines.leave(id);
        }
        self.fleet.delete(instance_ids);
        self.tasks.forget_phones(instance_ids);
    }

    /// Executes the due events.
    pub(crate) fn catch_up(&mut self) {
        let now_ms = self.clock.now_ms();
        while let Some((time_ms, number, due)) = self.agenda.take(now_ms) {
            match due {
                Due::Work { instance_id, fails } => self.end(time_ms, number, &instance_id, fails),
                Due::Install(install) => self.install(time_ms, &install),
            }
        }
    }

    /// Ends the job with this number.
    fn end(&mut self, time_ms: i64, number: u64, instance_id: &str, fails: bool) {
        let factory = self.fleet.factory().clone();
        let Some(phone) = self.fleet.get_mut(instance_id) else {
            return;
        };
        let Some(work) = phone.life.work.take_if(|work| work.number == number) else {
            return;
        };
        let ended = Some(Ended { good: !fails, time_ms });
        match work.kind {
            WorkKind::Resetting => {
                phone.switch_on();
                phone.begin_boot(time_ms);
            }
            WorkKind::Rebooting => phone.begin_boot(time_ms),
            WorkKind::Queued => {}
            WorkKind::Unassigning if fails => {}
            WorkKind::Unassigning => {
                phone.wipe(factory);
                phone.life.user = None;
                phone.life.backup = None;
                phone.life.restore = None;
            }
            WorkKind::BackingUp => {
                phone.life.backup = ended;
                if !fails {
                    phone.life.is_stored = true;
                    phone.life.end_session();
                    self.tasks.interrupt(instance_id, time_ms);
                    self.machines.give_back();
                }
            }
            WorkKind::Restoring => {
                phone.life.restore = ended;
                if fails {
                    self.machines.give_back();
                } else {
                    phone.start();
                    phone.begin_boot(time_ms);
                }
            }
        }
        self.serve_queue(time_ms);
    }

    fn install(&mut self, time_ms: i64, install: &Install) {
        let runs = self.fleet.is_running(&install.instance_id);
        let Some(phone) = self.fleet.get_mut(&install.instance_id) else {
            return;
        };
        let data = &mut phone.data;
        let installed = runs
            && !install.fails
            && data.install(&install.package, &install.label, &install.version, b"PK", time_ms).is_ok();
        if !installed {
            self.tasks.set_outcome(&install.task_id, &install.job_id, &Outcome::install_failed());
        }
    }
}

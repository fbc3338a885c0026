// Compiled with -Wunused-result and never run. Each line with the comment "unused" loses something that matters, and
// the compiler must warn about it; it must not warn about any other line.

#include <koophone.hpp>

using namespace koophone;

void ignores(const Client &client, const Task &task, const Emulator &emulator, const Queue &queue) {
    task.begin_poll();                                 // unused
    task.begin_wait();                                 // unused
    client.resume_task("id");                          // unused
    client.query_status("id").all_ok();                // unused
    client.query_status("id")[0].ok();                 // unused
    client.begin_query_status("id").get();             // unused
    client.begin_query_status("id").is_finished();     // unused
    task.wait();                                       // unused
    task.poll();                                       // unused
    task.save();                                       // unused
    queue.next();                                      // unused
    client.run_command("id", "true").raise_for_errors();
    client.begin_query_status("id").wait(std::chrono::seconds(1));
    emulator.add_faults("[]");
}

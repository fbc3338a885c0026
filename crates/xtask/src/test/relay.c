/* relay.exe PROGRAM ARGUMENT...: runs a program with new pipes for input, output and errors, copies the data, and
   exits with the program's code. */
#include <windows.h>

struct way {
    HANDLE from, to;
};

static DWORD WINAPI copy(void *argument) {
    struct way *way = argument;
    char bytes[65536];
    DWORD count, written;
    while (ReadFile(way->from, bytes, sizeof bytes, &count, NULL) && count > 0) {
        if (!WriteFile(way->to, bytes, count, &written, NULL)) {
            break;
        }
    }
    CloseHandle(way->to);
    return 0;
}

/* What is behind our own name. */
static wchar_t *rest_of_the_command_line(void) {
    wchar_t *line = GetCommandLineW();
    wchar_t end = *line == L'"' ? L'"' : L' ';
    for (line++; *line && *line != end; line++) {
    }
    while (*line == end || *line == L' ') {
        line++;
    }
    return line;
}

int main(void) {
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
    struct way in = {.from = GetStdHandle(STD_INPUT_HANDLE)};
    struct way out = {.to = GetStdHandle(STD_OUTPUT_HANDLE)};
    struct way errors = {.to = GetStdHandle(STD_ERROR_HANDLE)};
    CreatePipe(&start.hStdInput, &in.to, &inherited, 0);
    CreatePipe(&out.from, &start.hStdOutput, &inherited, 0);
    CreatePipe(&errors.from, &start.hStdError, &inherited, 0);
    SetHandleInformation(in.to, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(out.from, HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(errors.from, HANDLE_FLAG_INHERIT, 0);
    PROCESS_INFORMATION child;
    if (!CreateProcessW(NULL, rest_of_the_command_line(), NULL, NULL, TRUE, 0, NULL, NULL, &start, &child)) {
        return 127;
    }
    CloseHandle(start.hStdInput);
    CloseHandle(start.hStdOutput);
    CloseHandle(start.hStdError);
    CreateThread(NULL, 0, copy, &in, 0, NULL);
    HANDLE ends[] = {CreateThread(NULL, 0, copy, &out, 0, NULL), CreateThread(NULL, 0, copy, &errors, 0, NULL)};
    WaitForMultipleObjects(2, ends, TRUE, INFINITE);
    WaitForSingleObject(child.hProcess, INFINITE);
    DWORD code = 1;
    GetExitCodeProcess(child.hProcess, &code);
    ExitProcess(code);
}

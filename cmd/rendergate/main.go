// Command rendergate renders what a change would deploy, at base and at head,
// and fails on what the change newly introduces.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/rendergate/rendergate/internal/worker"
)

// The exit codes of the program; scripts depend on them.
const (
	exitPass      = 0
	exitNew       = 1
	exitUsage     = 2
	exitUndecided = 3
)

func main() { os.Exit(run()) }

// run binds the process to a program; tests run it under other bindings.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: snapshot(os.Environ())}
	return p.execute(ctx, os.Args[1:])
}

// snapshot keeps the environment as it was at the start: a render gets to see
// almost nothing of it.
func snapshot(environ []string) func(string) string {
	values := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

// program is one invocation: its streams and its environment.
type program struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	pool   *worker.Pool // what renders, once there is something to render
}

// exit ends a command with a code; err, where set, is printed first.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (p *program) execute(ctx context.Context, args []string) int {
	defer p.close()
	root := p.root()
	root.SetArgs(args)
	err := complete(root)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	var end *exit
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &end):
		if end.err != nil {
			fmt.Fprintln(p.stderr, "rendergate:", end.err)
		}
		return end.code
	}
	fmt.Fprintln(p.stderr, "rendergate:", err)
	return exitUsage
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "rendergate",
		Short:         "Blocks a merge only on what the change newly introduces into what would be deployed",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.AddCommand(p.checkCommand(), p.scanCommand(), p.renderCommand(), p.explainCommand(), p.demoCommand(), p.fixCommand(), p.hookCommand(), p.actionCommand(), p.reviewCommand(), p.uploadCommand(), p.initCommand(), p.versionCommand(), p.workerCommand())
	return root
}

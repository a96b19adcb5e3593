package worker

import (
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"

	"github.com/rendergate/rendergate/render"
)

// Serve is the whole life of a worker: it renders what it is told to until its
// input ends. A worker whose parent is gone ends at once, in the middle of a
// render too.
func Serve(in io.Reader, out io.Writer) error {
	orders := make(chan order)
	go func() {
		decoder := gob.NewDecoder(in)
		for {
			var o order
			if err := decoder.Decode(&o); err != nil {
				if errors.Is(err, io.EOF) {
					os.Exit(0)
				}
				fmt.Fprintln(os.Stderr, "rendergate worker:", err)
				os.Exit(1)
			}
			orders <- o
		}
	}()
	encoder := gob.NewEncoder(out)
	if err := encoder.Encode(message{Ready: true}); err != nil {
		return err
	}
	m := &memory{parsed: &sync.Map{}}
	for o := range orders {
		if o.Target == nil {
			return errors.New("a worker was answered without a question")
		}
		// Garbage is collected rarely, for speed, but before it costs the process its life.
		debug.SetMemoryLimit(o.Memory / 4 * 3)
		if err := encoder.Encode(m.rendered(o, encoder, orders)); err != nil {
			return err
		}
	}
	return nil
}

// rendered renders one target, asking the parent for its files. What was asked
// before, or made of contents before, is not asked or made again.
func (m *memory) rendered(o order, encoder *gob.Encoder, orders <-chan order) message {
	tree := m.tree(o, func(q question) answer {
		if err := encoder.Encode(message{Question: &q}); err != nil {
			return answer{Failed: failed(err)}
		}
		o := <-orders
		if o.Answer == nil {
			return answer{Failed: failed(errors.New("a question was not answered"))}
		}
		return *o.Answer
	})
	defer m.forget(tree)
	if o.Target.Kind == render.Helm {
		tree.expect(o.Target.Dir)
	}
	result, err := render.Render(tree, *o.Target)
	if err != nil {
		// Without a text it would pass for a target that deploys nothing.
		return message{Result: result, Error: cmp.Or(err.Error(), "rendering failed without saying why")}
	}
	return message{Result: result}
}

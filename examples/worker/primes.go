// A parbench worker in Go, standard library only: counts primes. Built by `go build primes.go`.
//
// Replace the workload by your own work. Below it stands the worker protocol, version 2, which
// need not be changed (docs/worker-protocol.md).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The work. An error or a panic becomes the error of one request; the worker goes on.

const name = "primes"

// What a task sends back, and what all of them together found: any types that become JSON.
type partial = int
type answer = int

type workload struct {
	Tasks int `json:"tasks"`
	Size  int `json:"size"`
}

// Makes ready what tasks need. Not timed, and kept for the next requests.
func prepare(params json.RawMessage) (*workload, error) {
	w := workload{Tasks: 16, Size: 200_000}
	if err := json.Unmarshal(params, &w); err != nil {
		return nil, err
	}
	if w.Tasks < 1 || w.Tasks > 1_000_000 {
		return nil, errors.New("tasks must be a whole number from 1 to 1000000")
	}
	if w.Size < 0 || w.Size > 1_000_000_000 {
		return nil, errors.New("size must be a whole number from 0 to 1000000000")
	}
	return &w, nil
}

// Into how many tasks the work is cut, what all of them get through, and the memory one holds.
func (w *workload) describe() description {
	return description{Tasks: w.Tasks, Work: work{Amount: w.Size, Unit: "numbers"}, TaskBytes: 0}
}

// Does a task. Its result depends on the parameters and the index only.
func (w *workload) task(index int) (partial, error) {
	primes := 0
	for number := w.Size * index / w.Tasks; number < w.Size*(index+1)/w.Tasks; number++ {
		if isPrime(number) {
			primes++
		}
	}
	return primes, nil
}

// Makes the answer of the results of all tasks, in their order.
func (w *workload) combine(partials []partial) (answer, error) {
	sum := 0
	for _, primes := range partials {
		sum += primes
	}
	return sum, nil
}

// Does a task, and checks what its result cannot show: here nothing.
func (w *workload) audit(index int) error {
	_, err := w.task(index)
	return err
}

// Gives up what tasks keep for the next ones: here nothing.
func (w *workload) coolDown() error { return nil }

// The SHA-256 of the files that tasks read, or nil where they read none.
func (w *workload) inputs() (*string, error) { return nil, nil }

func isPrime(number int) bool {
	for divisor := 2; divisor*divisor <= number; divisor++ {
		if number%divisor == 0 {
			return false
		}
	}
	return number > 1
}

// The protocol.

const protocol = 2

type request struct {
	ID       json.RawMessage `json:"id"`
	Version  *int            `json:"parbench_worker"`
	Workload string          `json:"workload"`
	Params   json.RawMessage `json:"params"`
	Do       string          `json:"do"`
	Task     int             `json:"task"`
	Partials []*partial      `json:"partials"`
	Slowdown float64         `json:"slowdown"`
}

type work struct {
	Amount int    `json:"amount"`
	Unit   string `json:"unit"`
}

type description struct {
	Tasks     int   `json:"tasks"`
	Work      work  `json:"work"`
	TaskBytes int64 `json:"task_bytes"`
}

type fields map[string]any

// The workload that was made ready last, and the parameters that it was made of.
var ready *workload
var readyOf string

func main() {
	requests, answers := bufio.NewReader(os.Stdin), os.Stdout
	// What a task prints must not get among the answers.
	os.Stdout = os.Stderr

	write(answers, fields{"parbench_worker": protocol})
	for {
		line, err := requests.ReadBytes('\n')
		if len(line) > 0 {
			write(answers, answered(line))
		}
		if err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func write(answers io.Writer, message fields) {
	line, err := json.Marshal(message)
	if err != nil {
		line, _ = json.Marshal(fields{"id": message["id"], "error": oneLine(err)})
	}
	if _, err := answers.Write(append(line, '\n')); err != nil {
		// Nobody wants the answers any more.
		os.Exit(0)
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func answered(line []byte) (result fields) {
	var r request
	var id any
	fail := func(err error) fields { return fields{"id": id, "error": oneLine(err)} }
	defer func() {
		if panicked := recover(); panicked != nil {
			result = fail(fmt.Errorf("a task panicked: %v", panicked))
		}
	}()

	// Where a field is of a wrong type, the others are read all the same: so is the id.
	err := json.Unmarshal(line, &r)
	if !utf8.Valid(line) {
		return fail(errors.New("this is not a request: it is not UTF-8"))
	}
	number, wrong := strconv.ParseUint(string(r.ID), 10, 64)
	if wrong != nil {
		return fail(errors.New("this is not a request: it has no id"))
	}
	id = number
	if r.Version != nil && *r.Version != protocol {
		return fail(fmt.Errorf("the request is of version %d of the worker protocol, and this worker speaks version %d", *r.Version, protocol))
	}
	if err != nil {
		return fail(fmt.Errorf("this is not a request: %w", err))
	}
	result, err = served(&r)
	if err != nil {
		return fail(err)
	}
	result["id"] = id
	return result
}

func served(r *request) (fields, error) {
	if r.Workload != name {
		return nil, fmt.Errorf("this worker knows only the workload %s", name)
	}
	if params := string(r.Params); params == "" || params == "null" {
		return nil, errors.New("this is not a request: it has no params")
	}
	if ready == nil || readyOf != string(r.Params) {
		w, err := prepare(r.Params)
		if err != nil {
			return nil, err
		}
		ready, readyOf = w, string(r.Params)
	}

	w, tasks := ready, ready.describe().Tasks
	switch r.Do {
	case "task", "":
		var result partial
		seconds, err := timed(r, tasks, func() (err error) { result, err = w.task(r.Task); return })
		return fields{"partial": result, "seconds": seconds}, err
	case "audit":
		seconds, err := timed(r, tasks, func() error { return w.audit(r.Task) })
		return fields{"seconds": seconds}, err
	case "prepare":
		return fields{"seconds": 0}, nil
	case "cool-down":
		return fields{"seconds": 0}, w.coolDown()
	case "inputs":
		digest, err := w.inputs()
		return fields{"inputs": digest}, err
	case "describe":
		d := w.describe()
		return fields{"tasks": d.Tasks, "work": d.Work, "task_bytes": d.TaskBytes}, nil
	case "combine":
		if len(r.Partials) != tasks {
			return nil, fmt.Errorf("there are %d partial results of %d tasks", len(r.Partials), tasks)
		}
		partials := make([]partial, tasks)
		for index, result := range r.Partials {
			if result == nil {
				return nil, fmt.Errorf("the partial result %d is null", index)
			}
			partials[index] = *result
		}
		all, err := w.combine(partials)
		return fields{"answer": all}, err
	}
	return nil, fmt.Errorf("this is not a request: it cannot do %s", r.Do)
}

func timed(r *request, tasks int, work func() error) (float64, error) {
	if r.Task < 0 || r.Task >= tasks {
		return 0, fmt.Errorf("there is no task %d: %s has %d", r.Task, name, tasks)
	}
	start := time.Now()
	err := work()
	taken := time.Since(start)
	for time.Since(start).Seconds() < taken.Seconds()*r.Slowdown {
	}
	return time.Since(start).Seconds(), err
}

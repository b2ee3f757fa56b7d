package verifysms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// serve is a client of a service that answers as the handler does.
func serve(t *testing.T, settings Settings, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	settings.APIKey, settings.Sender, settings.URL, settings.NoGuard = "key", "Acme", server.URL, true
	client, err := New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// silent is a client of a service that reads requests, says so, and does not answer before the end of the test.
func silent(t *testing.T, settings Settings) (*Client, <-chan struct{}) {
	t.Helper()
	read, over := make(chan struct{}, 100), make(chan struct{})
	client := serve(t, settings, func(http.ResponseWriter, *http.Request) {
		read <- struct{}{}
		<-over
	})
	t.Cleanup(func() { close(over) })
	return client, read
}

func ended(t *testing.T, err error, code Code, reached Reached) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) || !errors.Is(err, code) || failed.Reached != reached {
		t.Fatalf("ended as %#v (%v), not as %v", err, err, code)
	}
	return failed
}

// start makes a send; its error comes through the channel.
func start(ctx context.Context, client *Client, request Request) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := client.Send(ctx, request)
		done <- err
	}()
	return done
}

func TestManyCallsAtOnce(t *testing.T) {
	const many = 200
	var records atomic.Int32
	var waiting sync.WaitGroup
	waiting.Add(many)
	client := serve(t, Settings{Log: func(level Level, _ string) {
		if level == LogInfo {
			records.Add(1)
		}
	}}, func(answer http.ResponseWriter, request *http.Request) {
		waiting.Done()
		waiting.Wait()
		fmt.Fprintf(answer, `{"status":1,"phone":"%s"}`, request.FormValue("to"))
	})
	var calls sync.WaitGroup
	for index := 0; index < many; index++ {
		calls.Add(1)
		go func(to string) {
			defer calls.Done()
			checked, err := client.Check(context.Background(), Request{To: to}, "123456")
			if err != nil || checked.To != to {
				t.Errorf("%s: %s, %v", to, checked.To, err)
			}
		}(fmt.Sprintf("0501234%03d", index))
	}
	calls.Wait()
	if records.Load() != many {
		t.Errorf("%d records of %d calls", records.Load(), many)
	}
}

func TestAContextEndsItsCallAlone(t *testing.T) {
	client, read := silent(t, Settings{})
	ctx, cancel := context.WithCancel(context.Background())
	ends := start(ctx, client, Request{To: "0501234567"})
	stays := start(context.Background(), client, Request{To: "0501234568", Timeout: time.Second})
	<-read
	<-read
	cancel()
	if err := <-ends; !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not name the context", err)
	} else {
		ended(t, err, ErrCancelled, ReachedUnknown)
	}
	ended(t, <-stays, ErrTimeout, ReachedUnknown)
}

func TestADeadlineOfAContext(t *testing.T) {
	client, _ := silent(t, Settings{})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	err := <-start(ctx, client, Request{To: "0501234567"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v does not name the deadline", err)
	}
	before, cancelled := context.WithCancel(context.Background())
	cancelled()
	ended(t, <-start(before, client, Request{To: "0501234567"}), ErrCancelled, ReachedNo)
}

func TestCancelEndsAllCalls(t *testing.T) {
	client, read := silent(t, Settings{})
	first := start(context.Background(), client, Request{To: "0501234567"})
	second := start(context.Background(), client, Request{To: "0501234568"})
	<-read
	<-read
	client.Cancel()
	for _, done := range []<-chan error{first, second} {
		if failed := ended(t, <-done, ErrCancelled, ReachedUnknown); errors.Is(failed, context.Canceled) {
			t.Error("no context ended it")
		}
	}
}

func TestACloseLetsCallsEnd(t *testing.T) {
	client, read := silent(t, Settings{})
	runs := start(context.Background(), client, Request{To: "0501234567", Timeout: time.Second})
	<-read
	client.Close()
	client.Close()
	ended(t, <-start(context.Background(), client, Request{To: "0501234567"}), ErrInvalidArgument, ReachedNo)
	ended(t, <-runs, ErrTimeout, ReachedUnknown)
	client.Cancel()
}

func TestACallInALogFunction(t *testing.T) {
	var client *Client
	var inner []error
	ended, end := context.WithCancel(context.Background())
	end()
	client, _ = silent(t, Settings{Log: func(level Level, _ string) {
		if inner == nil {
			inner = []error{nil, nil}
			inner[0] = client.Connect(context.Background())
			inner[1] = client.Connect(ended)
		}
	}})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	// Its own context ends it, not that of the calls inside.
	err := <-start(ctx, client, Request{To: "0501234567"})
	if inner[0] != nil || !errors.Is(inner[1], context.Canceled) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v around %v", err, inner)
	}
}

func TestAPanicComesOutOfTheCall(t *testing.T) {
	client, _ := silent(t, Settings{Log: func(Level, string) { panic("lost the log") }})
	defer func() {
		if panicked := recover(); panicked != "lost the log" {
			t.Errorf("recovered %v", panicked)
		}
	}()
	client.Send(context.Background(), Request{To: "no number"})
	t.Error("the call returned")
}

func TestAnErrorAsJSONHasNoNumber(t *testing.T) {
	shown, err := json.Marshal(&Error{Code: ErrNotVerified, Answer: Answer{To: "0501234567"}})
	if err != nil || strings.Contains(string(shown), "0501234567") {
		t.Errorf("%s %v", shown, err)
	}
}

func TestAGoexitEndsTheCallFirst(t *testing.T) {
	descriptors := func() int {
		found, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(found)
	}
	client := serve(t, Settings{Log: func(Level, string) { runtime.Goexit() }},
		func(answer http.ResponseWriter, request *http.Request) {
			fmt.Fprintf(answer, `{"status":2,"phone":"%s"}`, request.FormValue("to"))
		})
	exits := func() {
		returned, over := false, make(chan struct{})
		go func() {
			defer close(over)
			client.Check(context.Background(), Request{To: "0501234567"}, "123456")
			returned = true
		}()
		if <-over; returned {
			t.Error("the call returned")
		}
	}
	// Until as many connections are kept as ever, at both ends.
	for count := 0; count < 20; count++ {
		exits()
	}
	before := descriptors()
	for count := 0; count < 20; count++ {
		exits()
	}
	if lost := descriptors() - before; lost >= 20 {
		t.Errorf("%d descriptors are lost in 20 calls", lost)
	}
}

func TestSettingsDoNotShowTheirKey(t *testing.T) {
	settings := Settings{APIKey: "hidden", GuardSecret: "hidden"}
	request := Request{To: "hidden", EndUser: "hidden"}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		shown := fmt.Sprintf(form+form+form, settings, &settings, request)
		if strings.Contains(shown, "hidden") {
			t.Errorf("%s shows %s", form, shown)
		}
	}
}

func TestNumbersDoNotWrap(t *testing.T) {
	const wraps = time.Duration(1<<32+1000) * time.Millisecond
	_, err := New(Settings{APIKey: "key", Sender: "Acme", Timeout: wraps})
	if failed := ended(t, err, ErrInvalidArgument, ReachedNo); failed.Rule.String() != "TIMEOUT_TOO_LONG" {
		t.Errorf("%v", failed.Rule)
	}
}

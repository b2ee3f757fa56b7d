//go:build ignore

// example send NUMBER sends a code, example check NUMBER CODE checks it, example connect only opens a connection.
// The exit status is the library's code: 0 only if connected, sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER,
// _URL and _GUARD: file:/path keeps the counts from one run to the next.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"verifysms"
)

func verify(ctx context.Context, given []string) error {
	client, err := verifysms.New(verifysms.Settings{
		APIKey: os.Getenv("VERIFYSMS_API_KEY"),
		Sender: os.Getenv("VERIFYSMS_SENDER"),
		URL:    os.Getenv("VERIFYSMS_URL"),
		Guard:  os.Getenv("VERIFYSMS_GUARD"),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	switch given[0] {
	case "connect":
		if err := client.Connect(ctx); err != nil {
			return err
		}
		fmt.Println("code 0, reached 0: connected")
	case "send":
		sent, err := client.Send(ctx, verifysms.Request{To: given[1]})
		if err != nil {
			return err
		}
		fmt.Printf("code 0, reached 1, number %s: %s\n", sent.To, sent.Message)
		fmt.Printf("message %s at %s\n", sent.Unique, sent.Timestamp.Format(time.RFC3339))
	case "check":
		checked, err := client.Check(ctx, verifysms.Request{To: given[1]}, given[2])
		if err != nil {
			return err
		}
		fmt.Printf("code 0, reached 1, number %s: %s\n", checked.To, checked.Message)
		fmt.Println("the number is theirs")
	}
	return nil
}

func main() {
	needed := map[string]int{"connect": 1, "send": 2, "check": 3}
	given := os.Args[1:]
	if len(given) == 0 || needed[given[0]] != len(given) {
		fmt.Fprintln(os.Stderr, "example send NUMBER, example check NUMBER CODE, or example connect")
		os.Exit(int(verifysms.ErrInvalidArgument))
	}
	fmt.Println("verifysms", verifysms.Version())
	// Ctrl-C ends the call.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := verify(ctx, given)
	var failed *verifysms.Error
	if errors.As(err, &failed) {
		fmt.Printf("code %d, reached %d: %s\n", failed.Code, failed.Reached, failed.Message)
		switch {
		case failed.Code == verifysms.ErrNotVerified:
			fmt.Println("let the person type again")
		case failed.Code == verifysms.ErrLimited:
			fmt.Printf("wait %.0f s\n", failed.RetryAfter.Seconds())
		case failed.Reached == verifysms.ReachedUnknown:
			fmt.Println("it may have arrived: do not repeat it")
		}
		os.Exit(int(failed.Code))
	}
}

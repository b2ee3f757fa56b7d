// What people write by mistake in Go, with a wrong code; some of it does not compile.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"verifysms"
)

var ctx = context.Background()

func attempt(mistake string, tried func() bool) {
	in := "out"
	if tried() {
		in = "in"
	}
	fmt.Printf("%s: %s\n", in, mistake)
}

// compiles is whether a body of a function does; then it is taken to let somebody in.
func compiles(body string) bool {
	source := `package main
import ("context"; "os"; "verifysms")
func in(ctx context.Context, client *verifysms.Client, request verifysms.Request) bool { ` + body + ` }
func main() { if in(nil, nil, verifysms.Request{}) { os.Exit(0) } }`
	folder, err := os.MkdirTemp(".", "tried")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "tried.go")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		panic(err)
	}
	return exec.Command("go", "build", "-o", os.DevNull, file).Run() == nil
}

func main() {
	key, number := os.Getenv("VERIFYSMS_API_KEY"), os.Getenv("NUMBER")
	// More wrong codes than the guard allows.
	settings := verifysms.Settings{APIKey: key, Sender: "Acme", URL: os.Getenv("VERIFYSMS_URL"), NoGuard: true}
	client, err := verifysms.New(settings)
	if err != nil {
		panic(err)
	}
	elsewhere := settings
	elsewhere.URL = "http://127.0.0.1:1/"
	nowhere, err := verifysms.New(elsewhere)
	if err != nil {
		panic(err)
	}
	request := verifysms.Request{To: number}
	sent, err := client.Send(ctx, request)
	if err != nil {
		panic(err)
	}
	fmt.Println("code for 0501234567?")
	right, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		panic(err)
	}
	right = strings.TrimSpace(right)
	wrong := strings.Map(func(digit rune) rune { return '0' + '9' - digit }, right)

	attempt("the error", func() bool {
		_, err := client.Check(ctx, request, wrong)
		return err == nil
	})
	attempt("the answer instead of the error", func() bool {
		checked, _ := client.Check(ctx, request, wrong)
		return checked != verifysms.Checked{}
	})
	attempt("the status without the error", func() bool {
		checked, _ := client.Check(ctx, request, wrong)
		return checked.Status == 1
	})
	attempt("the status in the error", func() bool {
		_, err := client.Check(ctx, request, wrong)
		var failed *verifysms.Error
		return errors.As(err, &failed) && failed.Status == 1
	})
	attempt("whether it was an error of the network", func() bool {
		_, err := client.Check(ctx, request, wrong)
		return !errors.Is(err, verifysms.ErrNotVerified)
	})
	attempt("the code of the error", func() bool {
		_, err := nowhere.Check(ctx, request, right)
		var failed *verifysms.Error
		return errors.As(err, &failed) && failed.Code == 0
	})
	attempt("no answer", func() bool {
		_, err := nowhere.Check(ctx, request, right)
		fmt.Println(err)
		return err == nil
	})
	attempt("a code with a NUL", func() bool {
		_, err := client.Check(ctx, request, right+"\x00")
		fmt.Println(err)
		return err == nil
	})
	attempt("no code", func() bool {
		_, err := client.Check(ctx, request, "")
		return err == nil
	})
	attempt("a context that is over", func() bool {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_, err := client.Check(ended, request, right)
		return err == nil
	})
	closed, err := verifysms.New(settings)
	if err != nil {
		panic(err)
	}
	closed.Close()
	attempt("a client that is closed", func() bool {
		_, err := closed.Check(ctx, request, right)
		return err == nil
	})
	if !compiles("_, err := client.Check(ctx, request, ``); return err == nil") {
		panic("nothing compiles")
	}
	attempt("the answer as a truth value", func() bool {
		return compiles("checked, _ := client.Check(ctx, request, ``); return checked")
	})
	attempt("a check without its error", func() bool {
		return compiles("checked := client.Check(ctx, request, ``); return checked.Status == 1")
	})
	attempt("an error that nobody reads", func() bool {
		return compiles("checked, err := client.Check(ctx, request, ``); return true")
	})
	attempt("one variable for a send and a check", func() bool {
		return compiles("done, err := client.Send(ctx, request); done, err = client.Check(ctx, request, ``); return err == nil")
	})
	checked, err := client.Check(ctx, request, right)
	for _, form := range []string{"%v\n", "%+v\n", "%#v\n"} {
		_, failed := client.Check(ctx, request, wrong)
		fmt.Printf(form+form+form+form+form+form, settings, request, client, sent, checked, failed)
	}
	attempt("the right code", func() bool { return err == nil })
}

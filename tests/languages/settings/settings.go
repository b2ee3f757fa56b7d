// Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., prints what is known.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"verifysms"
)

func text(name string) string { return os.Getenv(name) }

func has(name string) bool {
	_, is := os.LookupEnv(name)
	return is
}

func number(name string) int {
	value, _ := strconv.Atoi(text(name))
	return value
}

func milliseconds(name string) time.Duration { return time.Duration(number(name)) * time.Millisecond }

func settings() verifysms.Settings {
	set := verifysms.Settings{
		APIKey: text("VERIFYSMS_API_KEY"), Sender: text("SET_SENDER"), Message: text("SET_MESSAGE"),
		URL: text("SET_URL"), DeliveryURL: text("SET_DELIVERY_URL"),
		Timeout: milliseconds("SET_TIMEOUT_MS"), ConnectTimeout: milliseconds("SET_CONNECT_TIMEOUT_MS"),
		Proxy: text("SET_PROXY"), NoProxy: has("SET_NO_PROXY"), CAFile: text("SET_CA_FILE"),
		Trust: verifysms.Trust(number("SET_TRUST")), AllowHTTP: has("SET_ALLOW_HTTP"),
		Guard: text("SET_GUARD"), NoGuard: has("SET_NO_GUARD"), GuardSecret: text("SET_GUARD_SECRET"),
		GuardNamespace: text("SET_GUARD_NAMESPACE"), GuardTimeout: milliseconds("SET_GUARD_TIMEOUT_MS"),
		GuardFailure: verifysms.GuardFailure(number("SET_GUARD_FAILURE")),
	}
	if has("SET_NO_GUARD") {
		set.Guard = ""
	}
	var limit, most, seconds int
	if read, _ := fmt.Sscan(text("SET_LIMIT"), &limit, &most, &seconds); read == 3 {
		rate := verifysms.Rate{Most: most, Per: time.Duration(seconds) * time.Second}
		set.Limits = map[verifysms.Limit]verifysms.Rate{verifysms.Limit(limit): rate}
	}
	if has("SET_LOG") {
		set.Log = func(level verifysms.Level, message string) { fmt.Println("log", int(level), message) }
	}
	if has("SET_EVENT") {
		set.Event = func(event verifysms.Event) {
			reused := map[bool]int{true: 1}[event.Reused]
			fmt.Println("event", event.Kind, int(event.Code), event.Reached, event.Took.Milliseconds(),
				event.Attempt, reused, int(event.Limit))
		}
	}
	return set
}

func ask(ctx context.Context, client *verifysms.Client) error {
	request := verifysms.Request{To: text("NUMBER"), EndUser: text("SEND_END_USER"), Timeout: milliseconds("SEND_TIMEOUT_MS")}
	switch text("ASK") {
	case "check":
		checked, err := client.Check(ctx, request, text("SEND_CODE"))
		if err == nil {
			tell(0, verifysms.ReachedYes, checked.Answer)
		}
		return err
	case "show":
		shown, err := client.GuardShow(ctx, request.To)
		fmt.Printf("code=0\nreached=0\nmessage=%s\n", shown)
		return err
	case "forget":
		err := client.Forget(ctx, request.To)
		fmt.Println("code=0")
		return err
	case "delivery":
		known, err := client.Delivery(ctx, text("SEND_UNIQUE"))
		if err == nil {
			tell(0, verifysms.ReachedYes, known.Answer)
			fmt.Printf("delivery_state=%d\ndelivery_next=%d\ndelivery_code=%d\n", known.State, known.Next, known.Code)
			fmt.Printf("delivery_hebrew=%s\ndelivery_english=%s\n", known.Hebrew, known.English)
			fmt.Printf("delivery_date=%s\ndelivery_operator=%s\n", known.Date, known.Operator)
		}
		return err
	case "inspect":
		found, err := verifysms.Inspect(text("SEND_MESSAGE"), text("SEND_SENDER"), "", 6)
		fmt.Printf("encoding=%d\nlength=%d\nparts=%d\n", found.Encoding, found.Length, found.Parts)
		for _, warning := range found.Warnings {
			fmt.Printf("warning=%d %d %s\n", warning.Kind, warning.Position, warning.Text)
		}
		return err
	case "phone":
		phone, err := verifysms.Normalize(request.To)
		fmt.Printf("to=%s\ne164=%s\nkind=%d\nrule_name=\n", phone.To, phone.E164, phone.Kind)
		return err
	}
	request.Sender, request.Message = text("SEND_SENDER"), text("SEND_MESSAGE")
	request.Origin, request.AppHash = text("SEND_ORIGIN"), text("SEND_APP_HASH")
	sent, err := client.Send(ctx, request)
	if err == nil {
		tell(0, verifysms.ReachedYes, sent.Answer)
	}
	return err
}

func tell(code verifysms.Code, reached verifysms.Reached, known verifysms.Answer) {
	fmt.Printf("code=%d\nreached=%d\nmessage=%s\nto=%s\n", code, reached, known.Message, known.To)
	fmt.Printf("reason=%d\nstatus=%d\nhttp_status=%d\n", known.Reason, known.Status, known.HTTPStatus)
	fmt.Printf("timestamp=%d\nunique=%s\nsender=%s\n", known.Timestamp.Unix(), known.Unique, known.Sender)
	fmt.Printf("limit=%d\nlimit_name=%v\n", known.Limit, known.Limit)
	fmt.Printf("retry_after=%.0f\ntries_left=%d\n", known.RetryAfter.Seconds(), known.TriesLeft)
	fmt.Printf("rule=%d\nrule_name=%v\n", known.Rule, known.Rule)
	for _, language := range []string{"he", "en"} {
		fmt.Printf("user_text_%s=%s\n", language, known.UserText(language))
		fmt.Printf("wait_text_%s=%s\n", language, verifysms.WaitText(known.RetryAfter, language))
	}
}

func main() {
	// A context is what interrupts a call.
	ctx, cancel := context.WithCancel(context.Background())
	client, err := verifysms.New(settings())
	if err == nil {
		if has("SET_INTERRUPT") {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		if has("SET_CANCEL") {
			time.AfterFunc(100*time.Millisecond, client.Cancel)
		}
		err = ask(ctx, client)
	}
	var failed *verifysms.Error
	if errors.As(err, &failed) {
		tell(failed.Code, failed.Reached, failed.Answer)
	}
}

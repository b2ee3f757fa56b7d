// Package verifysms proves that a person owns a phone number: it sends a code by SMS and checks what they typed.
//
// It is the C library libverifysms over cgo. A call has no error only if it did what it is for: a [Client.Check]
// without an error means that the number is verified, and a wrong code is [ErrNotVerified]. All else that can
// happen is an [Error], which says whether the call may be repeated. Any number of goroutines may share a Client.
package verifysms

// #cgo pkg-config: verifysms
// #include <stdlib.h>
// #include "callbacks.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// Code is how a call ended. It is an error for [errors.Is]: errors.Is(err, verifysms.ErrLimited).
type Code int

// The codes. Success has none.
const (
	ErrInvalidArgument Code = C.VERIFYSMS_INVALID_ARGUMENT
	ErrNotVerified     Code = C.VERIFYSMS_NOT_VERIFIED
	ErrRejected        Code = C.VERIFYSMS_REJECTED
	ErrConnect         Code = C.VERIFYSMS_CONNECT
	ErrTLS             Code = C.VERIFYSMS_TLS
	ErrTimeout         Code = C.VERIFYSMS_TIMEOUT
	ErrConnectionLost  Code = C.VERIFYSMS_CONNECTION_LOST
	ErrHTTPStatus      Code = C.VERIFYSMS_HTTP_STATUS
	ErrBadReply        Code = C.VERIFYSMS_BAD_REPLY
	ErrCancelled       Code = C.VERIFYSMS_CANCELLED
	ErrInternal        Code = C.VERIFYSMS_INTERNAL
	ErrLimited         Code = C.VERIFYSMS_LIMITED
	ErrGuardDown       Code = C.VERIFYSMS_GUARD_DOWN
)

// Error is the code's name, such as "TIMEOUT".
func (c Code) Error() string { return C.GoString(C.verifysms_code_name(C.int(c))) }

// Reached is whether a request got to the service.
type Reached int

// Repeat a call only after ReachedNo: otherwise somebody may get two messages.
const (
	ReachedNo      Reached = C.VERIFYSMS_REACHED_NO
	ReachedYes     Reached = C.VERIFYSMS_REACHED_YES
	ReachedUnknown Reached = C.VERIFYSMS_REACHED_UNKNOWN
)

// Trust is whose certificate authorities a client trusts if it has no file of them.
type Trust int

// The system's are the default, Mozilla's are in the library.
const (
	TrustSystem  Trust = C.VERIFYSMS_TRUST_SYSTEM
	TrustBundled Trust = C.VERIFYSMS_TRUST_BUNDLED
)

// Level is the weight of a log record, as syslog has it.
type Level int

// A warning is for the operator, an info the outcome of a call, a debug record one attempt.
const (
	LogWarning Level = C.VERIFYSMS_LOG_WARNING
	LogInfo    Level = C.VERIFYSMS_LOG_INFO
	LogDebug   Level = C.VERIFYSMS_LOG_DEBUG
)

// EventKind is what happened in a call.
type EventKind int

// The kinds, with more in later versions.
const (
	EventOther    EventKind = C.VERIFYSMS_EVENT_OTHER
	EventSent     EventKind = C.VERIFYSMS_EVENT_SENT
	EventChecked  EventKind = C.VERIFYSMS_EVENT_CHECKED
	EventVerified EventKind = C.VERIFYSMS_EVENT_VERIFIED
	EventRefused  EventKind = C.VERIFYSMS_EVENT_REFUSED
	EventUnknown  EventKind = C.VERIFYSMS_EVENT_UNKNOWN
	EventLimited  EventKind = C.VERIFYSMS_EVENT_LIMITED
	EventFailed   EventKind = C.VERIFYSMS_EVENT_FAILED
)

// String is the kind's name, such as "VERIFIED".
func (k EventKind) String() string { return C.GoString(C.verifysms_event_name(C.int(k))) }

// Event is the end of a call in numbers, for counters and metrics.
type Event struct {
	Kind EventKind
	// Code is 0 for a call without an error.
	Code    Code
	Reached Reached
	// Took is how long the call took, in whole milliseconds.
	Took time.Duration
	// Attempt is the one that ended the call, 0 if none was made; Reused, whether its connection was kept from before.
	Attempt int
	Reused  bool
	// Limit is what refused the call, or 0.
	Limit Limit
}

// GuardFailure is what happens while the guard's store cannot be asked.
type GuardFailure int

// The same limits in this process, which is the default, no sends and checks, or no limits.
const (
	GuardLocal  GuardFailure = C.VERIFYSMS_GUARD_LOCAL
	GuardRefuse GuardFailure = C.VERIFYSMS_GUARD_REFUSE
	GuardAllow  GuardFailure = C.VERIFYSMS_GUARD_ALLOW
)

// Limit is a limit of the guard; 0 is none.
type Limit int

// The limits; verifysms.h has their defaults.
const (
	LimitCooldown       Limit = C.VERIFYSMS_LIMIT_COOLDOWN
	LimitSendsNumber    Limit = C.VERIFYSMS_LIMIT_SENDS_NUMBER
	LimitSendsNumberDay Limit = C.VERIFYSMS_LIMIT_SENDS_NUMBER_DAY
	LimitSendsUser      Limit = C.VERIFYSMS_LIMIT_SENDS_USER
	LimitSendsRange     Limit = C.VERIFYSMS_LIMIT_SENDS_RANGE
	LimitSendsApp       Limit = C.VERIFYSMS_LIMIT_SENDS_APP
	LimitTries          Limit = C.VERIFYSMS_LIMIT_TRIES
	LimitFailuresNumber Limit = C.VERIFYSMS_LIMIT_FAILURES_NUMBER
	LimitFailuresUser   Limit = C.VERIFYSMS_LIMIT_FAILURES_USER
)

// String is the limit's name, such as "SENDS_NUMBER".
func (l Limit) String() string { return C.GoString(C.verifysms_limit_name(C.int(l))) }

// Rule is the rule that an argument or a setting breaks; 0 is none.
type Rule int

// String is the rule's name, such as "PHONE_TOO_SHORT".
func (r Rule) String() string { return C.GoString(C.verifysms_rule_name(C.int(r))) }

// Reason is the number that the service gives with a FAIL; 0 is none.
type Reason int

// String is what the reason means, in a few words.
func (r Reason) String() string { return C.GoString(C.verifysms_reason_text(C.int(r))) }

// Rate is at most so many in any time of this length, in whole seconds. A Most of 0 is no limit.
type Rate struct {
	Most int
	Per  time.Duration
}

// Settings are those of a Client. What is empty or 0 keeps the library's default.
type Settings struct {
	APIKey      string
	Sender      string
	Message     string
	URL         string
	DeliveryURL string
	// Timeout is the deadline of a call, and ConnectTimeout that of an attempt to connect.
	Timeout, ConnectTimeout time.Duration
	// Proxy is empty for that of the environment, unless there is to be NoProxy.
	Proxy   string
	NoProxy bool
	CAFile  string
	Trust   Trust
	// AllowHTTP lets the key leave this machine unencrypted.
	AllowHTTP bool
	// Log gets each record while its call waits, so several at once. If it panics or calls runtime.Goexit, so does
	// the call, at its end. It runs in a goroutine of its own.
	Log func(level Level, message string)
	// Event gets the end of each call, after its record and as Log does.
	Event func(Event)
	// Guard is the store of the counts, such as "file:/path", unless there is to be NoGuard.
	Guard          string
	NoGuard        bool
	Limits         map[Limit]Rate
	GuardSecret    string
	GuardNamespace string
	GuardTimeout   time.Duration
	GuardFailure   GuardFailure
}

// String hides the key.
func (s Settings) String() string { return "verifysms.Settings{...}" }

// GoString hides the key.
func (s Settings) GoString() string { return s.String() }

// Request is what a call is about, and what else it may carry; what is empty or 0 is the client's own.
type Request struct {
	// To is a phone number as people write it.
	To string
	// EndUser is who asks, such as the address at the other end; the guard counts their calls.
	EndUser string
	// Sender, Message, Origin and AppHash are for a send alone.
	Sender, Message string
	// Origin, the host of a page, and AppHash, of an Android app, add the lines with which those fill the code in.
	Origin, AppHash string
	Timeout         time.Duration
}

// String hides the number and who asks.
func (r Request) String() string { return "verifysms.Request{...}" }

// GoString hides the number and who asks.
func (r Request) GoString() string { return r.String() }

// Answer is what is known of a call. It verifies nobody.
type Answer struct {
	// To is the number in the service's form.
	To string
	// Sender and Unique, the message's id, are those of an accepted message, and Timestamp is when it was.
	Sender, Unique string
	Timestamp      time.Time
	// Message is one sentence for a log.
	Message string
	// Rule is which rule an argument or a setting breaks.
	Rule   Rule
	Reason Reason
	// Status is the service's number in its answer to a check, HTTPStatus that of HTTP.
	Status, HTTPStatus int
	// Limit makes the next such call wait, for RetryAfter.
	Limit      Limit
	RetryAfter time.Duration
	// TriesLeft is how many wrong codes may still be tried, -1 if nobody counts them.
	TriesLeft int

	hebrew, english string
}

// String has only the last digits of the number, as the library's log.
func (a Answer) String() string {
	last := a.To
	if len(last) > 3 {
		last = last[len(last)-3:]
	}
	return fmt.Sprintf("to ...%s, status %d, unique %s: %s", last, a.Status, a.Unique, a.Message)
}

// GoString is the same.
func (a Answer) GoString() string { return a.String() }

// UserText is one sentence for the person who signs up, in Hebrew for "he", otherwise in English. It is empty if no
// call was made.
func (a Answer) UserText(language string) string {
	if language == "he" {
		return a.hebrew
	}
	return a.english
}

// Sent is the answer to a send: the service accepted the message. It verifies nobody.
type Sent struct{ Answer }

// Checked is the answer to a check without an error: the number is verified.
type Checked struct{ Answer }

// DeliveryState is what became of a message.
type DeliveryState int

// The states, with more in later versions.
const (
	DeliveryUnknown   DeliveryState = C.VERIFYSMS_DELIVERY_UNKNOWN
	DeliveryPending   DeliveryState = C.VERIFYSMS_DELIVERY_PENDING
	DeliveryDelivered DeliveryState = C.VERIFYSMS_DELIVERY_DELIVERED
	DeliveryFailed    DeliveryState = C.VERIFYSMS_DELIVERY_FAILED
	DeliveryBlocked   DeliveryState = C.VERIFYSMS_DELIVERY_BLOCKED
	DeliveryExpired   DeliveryState = C.VERIFYSMS_DELIVERY_EXPIRED
)

// NextStep is what to do about a message.
type NextStep int

// The steps, with more in later versions.
const (
	NextNone           NextStep = C.VERIFYSMS_NEXT_NONE
	NextWait           NextStep = C.VERIFYSMS_NEXT_WAIT
	NextRetryLater     NextStep = C.VERIFYSMS_NEXT_RETRY_LATER
	NextAnotherNumber  NextStep = C.VERIFYSMS_NEXT_ANOTHER_NUMBER
	NextOptedOut       NextStep = C.VERIFYSMS_NEXT_OPTED_OUT
	NextAbroad         NextStep = C.VERIFYSMS_NEXT_ABROAD
	NextContactSupport NextStep = C.VERIFYSMS_NEXT_CONTACT_SUPPORT
)

// DeliveryCodeNone is the provider's code where there is none.
const DeliveryCodeNone = C.VERIFYSMS_DELIVERY_CODE_NONE

// Delivery is what became of a message. It verifies nobody.
type Delivery struct {
	Answer
	State DeliveryState
	Next  NextStep
	// Code is the provider's own.
	Code int
	// Hebrew and English are the provider's words, Date is its date and Operator that of the phone.
	Hebrew, English, Date, Operator string
}

// Error is why a call did not do what it is for.
type Error struct {
	Code    Code
	Reached Reached
	// Answer is what is known beside; without a call its message and rule alone. JSON of an error is without it, and
	// so without the number.
	Answer `json:"-"`

	cause error
}

// Error is one sentence for a log, without key, code or full number.
func (e *Error) Error() string { return "verifysms: " + e.Message }

// Is tells whether the target is the code.
func (e *Error) Is(target error) bool {
	code, isCode := target.(Code)
	return isCode && code == e.Code
}

// Unwrap is the error of the context that ended the call, or nil.
func (e *Error) Unwrap() error { return e.cause }

// SafeToRetry is whether the same call may be made again at once: nothing was sent, and no limit is reached.
func (e *Error) SafeToRetry() bool {
	return e.Reached == ReachedNo && e.Code != ErrLimited && e.Code != ErrGuardDown
}

// PhoneKind is the kind of a phone number: a hint, as numbers are ported.
type PhoneKind int

// The kinds, with more in later versions.
const (
	PhoneUnknown  PhoneKind = C.VERIFYSMS_PHONE_UNKNOWN
	PhoneMobile   PhoneKind = C.VERIFYSMS_PHONE_MOBILE
	PhoneLandline PhoneKind = C.VERIFYSMS_PHONE_LANDLINE
	PhoneVoIP     PhoneKind = C.VERIFYSMS_PHONE_VOIP
	PhoneKosher   PhoneKind = C.VERIFYSMS_PHONE_KOSHER
)

// Phone is a number in the service's form, 0501234567, and the international one, +972501234567.
type Phone struct {
	To, E164 string
	Kind     PhoneKind
}

// Encoding is what a message needs.
type Encoding int

// The GSM alphabet, or UTF-16.
const (
	EncodingGSM7 Encoding = C.VERIFYSMS_ENCODING_GSM7
	EncodingUCS2 Encoding = C.VERIFYSMS_ENCODING_UCS2
)

// WarningKind is what a warning is about.
type WarningKind int

// The kinds, with more in later versions.
const (
	WarningWithoutCode           WarningKind = C.VERIFYSMS_WARNING_WITHOUT_CODE
	WarningSeveralParts          WarningKind = C.VERIFYSMS_WARNING_SEVERAL_PARTS
	WarningCostlyCharacter       WarningKind = C.VERIFYSMS_WARNING_COSTLY_CHARACTER
	WarningCodeInRightToLeftLine WarningKind = C.VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE
	WarningDirectionMark         WarningKind = C.VERIFYSMS_WARNING_DIRECTION_MARK
	WarningWebOTPMissing         WarningKind = C.VERIFYSMS_WARNING_WEBOTP_MISSING
	WarningWebOTPNotLast         WarningKind = C.VERIFYSMS_WARNING_WEBOTP_NOT_LAST
	WarningWebOTPForm            WarningKind = C.VERIFYSMS_WARNING_WEBOTP_FORM
	WarningWebOTPHost            WarningKind = C.VERIFYSMS_WARNING_WEBOTP_HOST
	WarningWebOTPOrigin          WarningKind = C.VERIFYSMS_WARNING_WEBOTP_ORIGIN
	WarningRetrieverLength       WarningKind = C.VERIFYSMS_WARNING_RETRIEVER_LENGTH
	WarningLink                  WarningKind = C.VERIFYSMS_WARNING_LINK
	WarningOtherNumber           WarningKind = C.VERIFYSMS_WARNING_OTHER_NUMBER
	WarningSenderInvalid         WarningKind = C.VERIFYSMS_WARNING_SENDER_INVALID
	WarningSenderCharacters      WarningKind = C.VERIFYSMS_WARNING_SENDER_CHARACTERS
	WarningSenderNumber          WarningKind = C.VERIFYSMS_WARNING_SENDER_NUMBER
)

// Warning is one thing that is wrong with a message.
type Warning struct {
	Kind WarningKind
	// Position counts characters from 0; -1 is the whole message.
	Position int
	Text     string
}

// Inspection is what a message costs, and what is wrong with it.
type Inspection struct {
	Encoding Encoding
	// Length is in units of the encoding; each of the Parts is billed.
	Length, Parts int
	Warnings      []Warning
}

// Client keeps connections to the service and makes calls.
type Client struct {
	log   func(Level, string)
	event func(Event)

	mutex  sync.Mutex
	handle *C.verifysms_client
	// running is how many calls use the handle, of which the last frees it once the client is closed.
	running int
	closed  bool
}

// New makes a client, or gives an Error that names the setting. Close it when it is not needed any more.
func New(settings Settings) (*Client, error) {
	texts := []string{
		settings.APIKey, settings.Sender, settings.Message, settings.URL, settings.DeliveryURL, settings.Proxy,
		settings.CAFile, settings.Guard, settings.GuardSecret, settings.GuardNamespace,
	}
	if err := whole(texts...); err != nil {
		return nil, err
	}
	var held strs
	defer held.free()
	config := C.verifysms_config_new(held.text(settings.APIKey))
	defer C.verifysms_config_free(config)
	C.verifysms_config_set_sender(config, held.optional(settings.Sender))
	C.verifysms_config_set_message(config, held.optional(settings.Message))
	C.verifysms_config_set_url(config, held.optional(settings.URL))
	C.verifysms_config_set_delivery_url(config, held.optional(settings.DeliveryURL))
	if settings.Timeout != 0 {
		C.verifysms_config_set_timeout_ms(config, count(settings.Timeout, time.Millisecond))
	}
	if settings.ConnectTimeout != 0 {
		C.verifysms_config_set_connect_timeout_ms(config, count(settings.ConnectTimeout, time.Millisecond))
	}
	C.verifysms_config_set_proxy(config, held.optional(settings.Proxy))
	if settings.NoProxy {
		C.verifysms_config_set_proxy(config, held.text(""))
	}
	C.verifysms_config_set_ca_file(config, held.optional(settings.CAFile))
	C.verifysms_config_set_trust(config, number(int64(settings.Trust)))
	if settings.AllowHTTP {
		C.verifysms_config_set_allow_http(config, 1)
	}
	if settings.Log != nil {
		C.verifysms_config_set_log(config, C.verifysms_log_fn(C.verifysms_go_log), nil)
	}
	if settings.Event != nil {
		C.verifysms_config_set_event(config, C.verifysms_event_fn(C.verifysms_go_event), nil)
	}
	C.verifysms_config_set_interrupt(config, C.verifysms_interrupt_fn(C.verifysms_go_interrupt), nil)
	if settings.Guard != "" || settings.NoGuard {
		C.verifysms_config_set_guard(config, held.optional(settings.Guard))
	}
	for limit, rate := range settings.Limits {
		C.verifysms_config_set_limit(config, number(int64(limit)), number(int64(rate.Most)), count(rate.Per, time.Second))
	}
	C.verifysms_config_set_guard_secret(config, held.optional(settings.GuardSecret))
	C.verifysms_config_set_guard_namespace(config, held.optional(settings.GuardNamespace))
	if settings.GuardTimeout != 0 {
		C.verifysms_config_set_guard_timeout_ms(config, count(settings.GuardTimeout, time.Millisecond))
	}
	C.verifysms_config_set_guard_failure(config, number(int64(settings.GuardFailure)))
	client := C.verifysms_client_new(config)
	if client == nil {
		refused := C.GoString(C.verifysms_config_error(config))
		return nil, refusal(refused, Rule(C.verifysms_config_rule(config)))
	}
	return &Client{handle: client, log: settings.Log, event: settings.Event}, nil
}

// Connect opens a connection ahead of the next call: when the page opens on which a person types a number.
func (c *Client) Connect(ctx context.Context) error {
	_, err := call(ctx, c, func(client *C.verifysms_client, _ *strs) *C.verifysms_result {
		return C.verifysms_client_connect(client)
	}, answer)
	return err
}

// Send asks for a code to be texted to a number.
func (c *Client) Send(ctx context.Context, request Request) (Sent, error) {
	return call(ctx, c, func(client *C.verifysms_client, held *strs) *C.verifysms_result {
		made := request.make(held)
		defer C.verifysms_request_free(made)
		return C.verifysms_send_request(client, made)
	}, func(result *C.verifysms_result) Sent { return Sent{answer(result)} },
		request.texts()...)
}

// Check asks whether a code is the one that was texted to the number of the request. The number is verified only
// if there is no error; a wrong code is ErrNotVerified. A right code works once.
func (c *Client) Check(ctx context.Context, request Request, code string) (Checked, error) {
	checked, err := call(ctx, c, func(client *C.verifysms_client, held *strs) *C.verifysms_result {
		made := request.make(held)
		defer C.verifysms_request_free(made)
		return C.verifysms_check_request(client, made, held.text(code))
	}, func(result *C.verifysms_result) Checked { return Checked{answer(result)} },
		append(request.texts(), code)...)
	if err == nil && checked.Status != 1 {
		return Checked{}, &Error{Code: ErrNotVerified, Reached: ReachedYes, Answer: checked.Answer}
	}
	return checked, err
}

// Delivery asks what became of a message, by the Unique of its send. It verifies nobody.
func (c *Client) Delivery(ctx context.Context, unique string) (Delivery, error) {
	return call(ctx, c, func(client *C.verifysms_client, held *strs) *C.verifysms_result {
		return C.verifysms_delivery(client, held.text(unique))
	}, func(result *C.verifysms_result) Delivery {
		return Delivery{
			Answer:   answer(result),
			State:    DeliveryState(C.verifysms_result_delivery_state(result)),
			Next:     NextStep(C.verifysms_result_delivery_next(result)),
			Code:     int(C.verifysms_result_delivery_code(result)),
			Hebrew:   C.GoString(C.verifysms_result_delivery_hebrew(result)),
			English:  C.GoString(C.verifysms_result_delivery_english(result)),
			Date:     C.GoString(C.verifysms_result_delivery_date(result)),
			Operator: C.GoString(C.verifysms_result_delivery_operator(result)),
		}
	}, unique)
}

// Forget forgets what the guard knows of a number: for a call centre that unlocks a person.
func (c *Client) Forget(ctx context.Context, to string) error {
	_, err := call(ctx, c, func(client *C.verifysms_client, held *strs) *C.verifysms_result {
		return C.verifysms_forget(client, held.text(to))
	}, answer, to)
	return err
}

// GuardShow says how far the limits of a number are used, as a text.
func (c *Client) GuardShow(ctx context.Context, to string) (string, error) {
	shown, err := call(ctx, c, func(client *C.verifysms_client, held *strs) *C.verifysms_result {
		return C.verifysms_guard_show(client, held.text(to))
	}, answer, to)
	return shown.Message, err
}

// Cancel ends all calls of the client that are running, as ErrCancelled; a context ends its own alone.
func (c *Client) Cancel() {
	C.verifysms_client_cancel(c.take())
	c.give()
}

// Close frees the client, once the calls that are running have ended; it does not wait for them. Later calls are
// refused. It always returns nil.
func (c *Client) Close() error {
	c.mutex.Lock()
	c.closed = true
	c.mutex.Unlock()
	c.take()
	c.give()
	return nil
}

// Normalize brings a phone number as people write it to its forms.
func Normalize(text string) (Phone, error) {
	if err := whole(text); err != nil {
		return Phone{}, err
	}
	var held strs
	defer held.free()
	given := held.text(text)
	var to, e164 [C.VERIFYSMS_PHONE_SIZE]C.char
	if rule := C.verifysms_phone_normalize(given, &to[0], C.VERIFYSMS_PHONE_SIZE); rule != 0 {
		return Phone{}, refusal("the phone number breaks the rule "+Rule(rule).String(), Rule(rule))
	}
	C.verifysms_phone_e164(given, &e164[0], C.VERIFYSMS_PHONE_SIZE)
	kind := PhoneKind(C.verifysms_phone_kind(given))
	return Phone{To: C.GoString(&to[0]), E164: C.GoString(&e164[0]), Kind: kind}, nil
}

// Inspect says what a message costs with a code of so many digits, and what is wrong with it, before it is sent. The
// sender and the origin, the host of the page on which a browser is to fill the code in, may be empty.
func Inspect(message, sender, origin string, digits int) (Inspection, error) {
	if err := whole(message, sender, origin); err != nil {
		return Inspection{}, err
	}
	var held strs
	defer held.free()
	found := C.verifysms_message_inspect(held.text(message), held.optional(sender), held.optional(origin))
	if found == nil {
		return Inspection{}, refusal("message: is not UTF-8", C.VERIFYSMS_RULE_NOT_UTF8)
	}
	defer C.verifysms_message_free(found)
	long := number(int64(digits))
	inspection := Inspection{
		Encoding: Encoding(C.verifysms_message_encoding(found)),
		Length:   int(C.verifysms_message_length(found, long)),
		Parts:    int(C.verifysms_message_parts(found, long)),
	}
	for index := C.int(0); index < C.verifysms_message_warning_count(found); index++ {
		inspection.Warnings = append(inspection.Warnings, Warning{
			Kind:     WarningKind(C.verifysms_message_warning(found, index)),
			Position: int(C.verifysms_message_warning_position(found, index)),
			Text:     C.GoString(C.verifysms_message_warning_text(found, index)),
		})
	}
	return inspection, nil
}

// WaitText is the sentence that a new code can be asked for after this time, in Hebrew for "he", otherwise in
// English.
func WaitText(wait time.Duration, language string) string {
	var held strs
	defer held.free()
	var text [256]C.char
	C.verifysms_wait_text(count(wait, time.Second), held.text(language), &text[0], C.int(len(text)))
	return C.GoString(&text[0])
}

// Version is that of the library.
func Version() string { return C.GoString(C.verifysms_version()) }

// running is a call, as its callbacks see it.
type running struct {
	ctx    context.Context
	client *Client
	// left is whether the function for the log or the events has called runtime.Goexit or panicked.
	left     bool
	panicked any
}

// keep holds a panic back: it must not pass over the library.
func (r *running) keep() {
	if panicked := recover(); panicked != nil {
		r.panicked = panicked
	}
}

// run has a callback run in a goroutine of its own: runtime.Goexit, which testing.T.FailNow calls, ends that alone.
func (r *running) run(callback func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		returned := false
		defer func() { r.left = r.left || !returned }()
		defer r.keep()
		callback()
		returned = true
	}()
	<-over
}

//export verifysmsInterrupt
func verifysmsInterrupt(current C.uintptr_t) (ends C.int) {
	call := cgo.Handle(current).Value().(*running)
	ends = 1
	defer call.keep()
	if call.ctx.Err() == nil {
		ends = 0
	}
	return ends
}

//export verifysmsLog
func verifysmsLog(current C.uintptr_t, level C.int, message *C.char) {
	call := cgo.Handle(current).Value().(*running)
	call.run(func() { call.client.log(Level(level), C.GoString(message)) })
}

//export verifysmsEvent
func verifysmsEvent(current C.uintptr_t, event, code, reached, milliseconds, attempt, reused, limit C.int) {
	call := cgo.Handle(current).Value().(*running)
	call.run(func() {
		call.client.event(Event{
			Kind: EventKind(event), Code: Code(code), Reached: Reached(reached),
			Took:    time.Duration(milliseconds) * time.Millisecond,
			Attempt: int(attempt), Reused: reused != 0, Limit: Limit(limit),
		})
	})
}

// call makes a call and reads its answer.
func call[T any](
	ctx context.Context,
	c *Client,
	made func(*C.verifysms_client, *strs) *C.verifysms_result,
	read func(*C.verifysms_result) T,
	texts ...string,
) (answered T, err error) {
	if err := whole(texts...); err != nil {
		return answered, err
	}
	if ctx.Err() != nil {
		known := Answer{Message: "cancelled before the call", TriesLeft: -1}
		return answered, &Error{Code: ErrCancelled, Answer: known, cause: ctx.Err()}
	}
	var held strs
	defer held.free()
	call := &running{ctx: ctx, client: c}
	handle := cgo.NewHandle(call)
	defer handle.Delete()
	client := c.take()
	defer c.give()

	// The callbacks run in the thread that makes the call.
	runtime.LockOSThread()
	outer := C.verifysms_go_enter(C.uintptr_t(handle))
	result := made(client, &held)
	C.verifysms_go_enter(outer)
	runtime.UnlockOSThread()

	defer C.verifysms_result_free(result)
	if call.panicked != nil {
		panic(call.panicked)
	}
	if call.left {
		runtime.Goexit()
	}
	code := C.verifysms_result_code(result)
	if code == C.VERIFYSMS_OK {
		return read(result), nil
	}
	failed := &Error{Code: Code(code), Reached: Reached(C.verifysms_result_reached(result)), Answer: answer(result)}
	if failed.Code == ErrCancelled {
		failed.cause = ctx.Err()
	}
	return answered, failed
}

// answer reads what is known of a call.
func answer(result *C.verifysms_result) Answer {
	var held strs
	defer held.free()
	read := Answer{
		To:         C.GoString(C.verifysms_result_to(result)),
		Sender:     C.GoString(C.verifysms_result_sender(result)),
		Unique:     C.GoString(C.verifysms_result_unique(result)),
		Message:    C.GoString(C.verifysms_result_message(result)),
		Rule:       Rule(C.verifysms_result_rule(result)),
		Reason:     Reason(C.verifysms_result_reason(result)),
		Status:     int(C.verifysms_result_status(result)),
		HTTPStatus: int(C.verifysms_result_http_status(result)),
		Limit:      Limit(C.verifysms_result_limit(result)),
		RetryAfter: time.Duration(C.verifysms_result_retry_after(result)) * time.Second,
		TriesLeft:  int(C.verifysms_result_tries_left(result)),
		hebrew:     C.GoString(C.verifysms_result_user_text(result, held.text("he"))),
		english:    C.GoString(C.verifysms_result_user_text(result, held.text("en"))),
	}
	if timestamp := C.verifysms_result_timestamp(result); timestamp != 0 {
		read.Timestamp = time.Unix(int64(timestamp), 0)
	}
	return read
}

func (r Request) texts() []string {
	return []string{r.To, r.EndUser, r.Sender, r.Message, r.Origin, r.AppHash}
}

// make is the request as the library has it, to be freed.
func (r Request) make(held *strs) *C.verifysms_request {
	made := C.verifysms_request_new(held.text(r.To))
	C.verifysms_request_set_end_user(made, held.optional(r.EndUser))
	C.verifysms_request_set_sender(made, held.optional(r.Sender))
	C.verifysms_request_set_message(made, held.optional(r.Message))
	C.verifysms_request_set_origin(made, held.optional(r.Origin))
	C.verifysms_request_set_app_hash(made, held.optional(r.AppHash))
	if r.Timeout != 0 {
		C.verifysms_request_set_timeout_ms(made, count(r.Timeout, time.Millisecond))
	}
	return made
}

// take is the handle for a call, nil once the client is closed: the library then refuses the call.
func (c *Client) take() *C.verifysms_client {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.running++
	if c.closed {
		return nil
	}
	return c.handle
}

// give ends the use of the handle.
func (c *Client) give() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.running--
	if c.closed && c.running == 0 {
		C.verifysms_client_free(c.handle)
		c.handle = nil
	}
}

// strs are texts that C reads until they are freed.
type strs []*C.char

func (s *strs) text(text string) *C.char {
	copied := C.CString(text)
	*s = append(*s, copied)
	return copied
}

// optional is NULL for an empty text.
func (s *strs) optional(text string) *C.char {
	if text == "" {
		return nil
	}
	return s.text(text)
}

func (s *strs) free() {
	for _, text := range *s {
		C.free(unsafe.Pointer(text))
	}
}

// whole refuses a text with a NUL in it, where C would end it.
func whole(texts ...string) error {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return refusal("a text has a NUL in it", 0)
		}
	}
	return nil
}

// refusal is an argument that was refused before any call.
func refusal(message string, rule Rule) *Error {
	return &Error{Code: ErrInvalidArgument, Answer: Answer{Message: message, Rule: rule, TriesLeft: -1}}
}

// number is the nearest one that C has, which the library refuses.
func number(value int64) C.int {
	if value > math.MaxInt32 {
		return math.MaxInt32
	}
	if value < math.MinInt32 {
		return math.MinInt32
	}
	return C.int(value)
}

// count is a time in whole units, rounded up.
func count(time, unit time.Duration) C.int {
	whole := time / unit
	if time%unit > 0 {
		whole++
	}
	return number(int64(whole))
}

# frozen_string_literal: true

# The C library as a class, over Ruby's own Fiddle. A wrong code is an answer; any other
# failure is a VerifySms::Error. Only this file calls C.
require 'fiddle/import'

module VerifySms
  # Of this file; VerifySms.version is that of the library.
  VERSION = '1.0.0'
  OK = 0
  INVALID_ARGUMENT = 1
  NOT_VERIFIED = 2
  REJECTED = 3
  CONNECT = 4
  TLS = 5
  TIMEOUT = 6
  CONNECTION_LOST = 7
  HTTP_STATUS = 8
  BAD_REPLY = 9
  CANCELLED = 10
  INTERNAL = 11
  LIMITED = 12
  GUARD_DOWN = 13
  REACHED_NO = 0
  REACHED_YES = 1
  REACHED_UNKNOWN = 2
  TRUST_SYSTEM = 0
  TRUST_BUNDLED = 1
  LOG_INFO = 6
  LOG_DEBUG = 7
  LOG_WARNING = 4
  EVENT_OTHER = 0
  EVENT_SENT = 1
  EVENT_CHECKED = 2
  EVENT_VERIFIED = 3
  EVENT_REFUSED = 4
  EVENT_UNKNOWN = 5
  EVENT_LIMITED = 6
  EVENT_FAILED = 7
  GUARD_LOCAL = 0
  GUARD_REFUSE = 1
  GUARD_ALLOW = 2
  LIMIT_COOLDOWN = 1
  LIMIT_SENDS_NUMBER = 2
  LIMIT_SENDS_NUMBER_DAY = 3
  LIMIT_SENDS_USER = 4
  LIMIT_SENDS_RANGE = 5
  LIMIT_SENDS_APP = 6
  LIMIT_TRIES = 7
  LIMIT_FAILURES_NUMBER = 8
  LIMIT_FAILURES_USER = 9
  PHONE_UNKNOWN = 0
  PHONE_MOBILE = 1
  PHONE_LANDLINE = 2
  PHONE_VOIP = 3
  PHONE_KOSHER = 4
  ENCODING_GSM7 = 1
  ENCODING_UCS2 = 2
  WARNING_WITHOUT_CODE = 1
  WARNING_SEVERAL_PARTS = 2
  WARNING_COSTLY_CHARACTER = 3
  WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4
  WARNING_DIRECTION_MARK = 5
  WARNING_WEBOTP_MISSING = 6
  WARNING_WEBOTP_NOT_LAST = 7
  WARNING_WEBOTP_FORM = 8
  WARNING_WEBOTP_HOST = 9
  WARNING_WEBOTP_ORIGIN = 10
  WARNING_RETRIEVER_LENGTH = 11
  WARNING_LINK = 12
  WARNING_OTHER_NUMBER = 13
  WARNING_SENDER_INVALID = 14
  WARNING_SENDER_CHARACTERS = 15
  WARNING_SENDER_NUMBER = 16
  DELIVERY_UNKNOWN = 0
  DELIVERY_PENDING = 1
  DELIVERY_DELIVERED = 2
  DELIVERY_FAILED = 3
  DELIVERY_BLOCKED = 4
  DELIVERY_EXPIRED = 5
  DELIVERY_CODE_NONE = -2147483647
  NEXT_NONE = 0
  NEXT_WAIT = 1
  NEXT_RETRY_LATER = 2
  NEXT_ANOTHER_NUMBER = 3
  NEXT_OPTED_OUT = 4
  NEXT_ABROAD = 5
  NEXT_CONTACT_SUPPORT = 6
  # Not to be compared with the result of check: false is neither.
  private_constant :OK, :NOT_VERIFIED

  # What verifysms_config_set_... takes: text, number, flag, or a function's C type.
  SETTINGS = {
    sender: :text, message: :text, url: :text, delivery_url: :text,
    timeout_ms: :number, connect_timeout_ms: :number,
    proxy: :text, ca_file: :text, trust: :number, allow_http: :flag,
    guard: :text, guard_secret: :text, guard_namespace: :text, guard_timeout_ms: :number, guard_failure: :number,
    log: [Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP]],
    event: [Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, *[Fiddle::TYPE_INT] * 7]],
    interrupt: [Fiddle::TYPE_INT, [Fiddle::TYPE_VOIDP]]
  }.freeze
  # What verifysms_result_... returns.
  ACCESSORS = {
    code: 'int', reached: 'int', rule: 'int', reason: 'int', status: 'int', http_status: 'int', timestamp: 'long long',
    limit: 'int', retry_after: 'int', tries_left: 'int',
    unique: 'const char *', sender: 'const char *', to: 'const char *', message: 'const char *',
    delivery_state: 'int', delivery_next: 'int', delivery_code: 'int', delivery_hebrew: 'const char *',
    delivery_english: 'const char *', delivery_date: 'const char *', delivery_operator: 'const char *'
  }.freeze
  # Sentences for the person who signs up, in Hebrew and in English.
  USER_TEXTS = { user_text_he: 'he', user_text_en: 'en' }.freeze
  # What a request carries beside its number: verifysms_request_set_...
  REQUEST = {
    sender: :text, message: :text, end_user: :text, origin: :text, app_hash: :text, timeout_ms: :number
  }.freeze
  private_constant :SETTINGS, :ACCESSORS, :USER_TEXTS, :REQUEST

  # The functions of verifysms.h; handles are pointers.
  module C
    extend Fiddle::Importer
    library = ENV.fetch('VERIFYSMS_LIBRARY', 'libverifysms.so.1')
    begin
      dlload library
    rescue Fiddle::DLError => e
      raise LoadError, "cannot load #{library}: install verifysms, or name the file in VERIFYSMS_LIBRARY; " \
                       "bindings/README.md, \"The library is not found\" (#{e.message})"
    end
    extern 'void *verifysms_config_new(const char *api_key)'
    taken = { text: 'const char *text', number: 'int number', flag: 'int yes' }
    SETTINGS.each do |name, kind|
      extern "int verifysms_config_set_#{name}(void *config, #{taken.fetch(kind, 'void *function, void *user_data')})"
    end
    extern 'const char *verifysms_config_error(void *config)'
    extern 'int verifysms_config_rule(void *config)'
    extern 'void verifysms_config_free(void *config)'
    extern 'void *verifysms_client_new(void *config)'
    extern 'void verifysms_client_cancel(void *client)'
    extern 'void verifysms_client_free(void *client)'
    extern 'void *verifysms_client_connect(void *client)'
    extern 'int verifysms_config_set_limit(void *config, int limit, int most, int seconds)'
    extern 'void *verifysms_request_new(const char *to)'
    REQUEST.each { |name, kind| extern "int verifysms_request_set_#{name}(void *request, #{taken[kind]})" }
    extern 'void verifysms_request_free(void *request)'
    extern 'void *verifysms_send_request(void *client, const void *request)'
    extern 'void *verifysms_check_request(void *client, const void *request, const char *code)'
    extern 'void *verifysms_delivery(void *client, const char *unique)'
    extern 'void *verifysms_forget(void *client, const char *to)'
    extern 'void *verifysms_guard_show(void *client, const char *to)'
    ACCESSORS.each { |name, type| extern "#{type} verifysms_result_#{name}(void *result)" }
    extern 'void verifysms_result_free(void *result)'
    extern 'const char *verifysms_result_user_text(void *result, const char *language)'
    extern 'int verifysms_wait_text(int seconds, const char *language, char *buffer, int size)'
    extern 'int verifysms_phone_normalize(const char *text, char *buffer, int size)'
    extern 'int verifysms_phone_e164(const char *text, char *buffer, int size)'
    extern 'int verifysms_phone_kind(const char *text)'
    extern 'void *verifysms_message_inspect(const char *message, const char *sender, const char *origin)'
    extern 'int verifysms_message_encoding(void *message)'
    extern 'int verifysms_message_length(void *message, int digits)'
    extern 'int verifysms_message_parts(void *message, int digits)'
    extern 'int verifysms_message_warning_count(void *message)'
    extern 'int verifysms_message_warning(void *message, int index)'
    extern 'int verifysms_message_warning_position(void *message, int index)'
    extern 'const char *verifysms_message_warning_text(void *message, int index)'
    extern 'void verifysms_message_free(void *message)'
    extern 'const char *verifysms_event_name(int event)'
    extern 'const char *verifysms_limit_name(int limit)'
    extern 'const char *verifysms_rule_name(int rule)'
    extern 'const char *verifysms_version()'
  end

  # Shows what inspect does, also to pp, which would show all of a Struct.
  module Inspected
    def to_s
      inspect
    end

    def pretty_print(printer)
      printer.text(inspect)
    end
  end
  private_constant :Inspected

  # What is known of a call. It is no verification.
  Answer = Struct.new(*(ACCESSORS.keys - %i[code reached]), *USER_TEXTS.keys, keyword_init: true) do
    include Inspected

    # Only the last digits of the number, as in the library's log.
    def inspect
      "#<#{self.class} to=...#{to[-3..]} status=#{status} unique=#{unique} #{message}>"
    end
  end

  # A phone number: to as 0501234567, e164 as +972501234567, kind a PHONE_; rule is 0, or which rule of rule_name
  # the text breaks, and then the others are empty.
  Phone = Struct.new(:to, :e164, :kind, :rule, keyword_init: true) do
    include Inspected

    # Only the last digits.
    def inspect
      "#<#{self.class} ...#{to[-3..]} rule=#{rule}>"
    end
  end

  # What a message costs, encoding an ENCODING_, and what is wrong with it.
  Inspection = Struct.new(:encoding, :length, :parts, :warnings, keyword_init: true)
  # One thing that is wrong, a WARNING_; position -1 is the whole text.
  Warning = Struct.new(:kind, :position, :text, keyword_init: true)

  # Why a call has no answer. Repeat it only if reached is REACHED_NO.
  class Error < StandardError
    # What is known of the call beside; nil if none was made.
    attr_reader :answer
    # rule is which rule an argument or a setting breaks, by rule_name; 0 if none.
    attr_reader :code, :reached, :rule, :reason

    def initialize(message, code: INVALID_ARGUMENT, reached: REACHED_NO, rule: 0, reason: 0, answer: nil)
      super(message)
      @code = code
      @reached = reached
      @rule = rule
      @reason = reason
      @answer = answer
    end

    # In how many seconds the call may be repeated, if the code is LIMITED.
    def retry_after
      answer ? answer.retry_after : 0
    end
  end

  # The name of an event, for example 'VERIFIED'.
  def self.event_name(event)
    C.verifysms_event_name(event).to_s
  end

  # The name of a limit, for example 'SENDS_NUMBER'.
  def self.limit_name(limit)
    C.verifysms_limit_name(limit).to_s
  end

  # The name of a rule, for example 'PHONE_TOO_SHORT'.
  def self.rule_name(rule)
    C.verifysms_rule_name(rule).to_s
  end

  # The sentence that a new code can be asked for in so many seconds, in Hebrew for 'he', otherwise in English.
  def self.wait_text(seconds, language)
    filled(256) { |buffer, size| C.verifysms_wait_text(seconds, language, buffer, size) }[1]
  end

  # A Phone of a number as people write it.
  def self.phone(text)
    text = text(text)
    rule, to = filled(16) { |buffer, size| C.verifysms_phone_normalize(text, buffer, size) }
    _, e164 = filled(16) { |buffer, size| C.verifysms_phone_e164(text, buffer, size) }
    Phone.new(to: to, e164: e164, kind: C.verifysms_phone_kind(text), rule: rule)
  end

  # An Inspection of a message, with a code of so many digits.
  def self.inspect_message(message, sender: nil, origin: nil, digits: 8)
    found = C.verifysms_message_inspect(text(message), text(sender), text(origin))
    raise Error, 'message: is no text' if found.null?

    warnings = Array.new(C.verifysms_message_warning_count(found)) do |index|
      Warning.new(kind: C.verifysms_message_warning(found, index),
                  position: C.verifysms_message_warning_position(found, index),
                  text: C.verifysms_message_warning_text(found, index).to_s.force_encoding(Encoding::UTF_8))
    end
    read = { encoding: C.verifysms_message_encoding(found), length: C.verifysms_message_length(found, digits),
             parts: C.verifysms_message_parts(found, digits) }
    C.verifysms_message_free(found)
    Inspection.new(**read, warnings: warnings)
  end

  # What a C function returns, and the text that it writes.
  def self.filled(size)
    buffer = "\0".b * size
    [yield(buffer, size), buffer[/\A[^\0]*/n].force_encoding(Encoding::UTF_8)]
  end

  # A text in UTF-8. C ends a text at a NUL, and would send another one. A refused text is not shown: it
  # may be a key or a code.
  def self.text(value)
    return if value.nil?
    raise Error, 'what is given is no text' unless value.is_a?(String)
    raise Error, 'a text has a NUL in it' if value.b.include?("\0")

    value.encode(Encoding::UTF_8)
  rescue EncodingError
    raise Error, 'a text is not in its encoding', cause: nil
  end
  private_class_method :filled, :text

  # The version of the loaded library.
  def self.version
    C.verifysms_version.to_s
  end

  # Keeps connections to the service and makes calls.
  class Client
    # nil keeps the library's default. log is called with a level and a line; event at the end of each call
    # with event (an EVENT_), code, reached, milliseconds, attempt, reused and limit; interrupt while a call waits, and
    # ends it if it returns a true value or raises. limits is { LIMIT_SENDS_NUMBER => [5, 600] }; no_guard ends all.
    def initialize(api_key:, limits: {}, no_guard: false, **settings)
      unknown = settings.keys - SETTINGS.keys
      # The value is not shown.
      raise ArgumentError, "settings: are api_key, limits, no_guard, #{SETTINGS.keys.join(', ')}" unless unknown.empty?

      @callbacks = []
      key = text(api_key)
      given = settings.compact.to_h { |name, value| [name, for_c(SETTINGS[name], value)] }
      config = C.verifysms_config_new(key)
      given.each { |name, value| C.public_send("verifysms_config_set_#{name}", config, *value) }
      limits.each { |limit, (most, seconds)| C.verifysms_config_set_limit(config, limit, most, seconds) }
      C.verifysms_config_set_guard(config, nil) if no_guard
      @client = C.verifysms_client_new(config)
      refusal = out(C.verifysms_config_error(config))
      rule = C.verifysms_config_rule(config)
      C.verifysms_config_free(config)
      raise Error.new(refusal, rule: rule) if @client.null?

      @client.free = C['verifysms_client_free']
    end

    # Opens a connection ahead of the next call: when the page opens on which a person types a number.
    def connect
      decided { C.verifysms_client_connect(@client) }
      nil
    end

    # Sends a code to a phone number, if need be with another sender, message or timeout_ms than the client's;
    # end_user is who asks, whose sends the guard counts. The message gets a line for the origin of a page, such as
    # example.co.il, and one for the app_hash of an Android app, which may fill the code in. A block gets the Answer;
    # an accepted message verifies nobody.
    def send_code(to, sender: nil, message: nil, end_user: nil, timeout_ms: nil, origin: nil, app_hash: nil)
      with = { sender: sender, message: message, end_user: end_user, timeout_ms: timeout_ms }
      with.update(origin: origin, app_hash: app_hash)
      _, answer = with_request(to, with) { |request| C.verifysms_send_request(@client, request) }
      yield answer if block_given?
      nil
    end

    # Whether the code is the one that was sent to the number. A block gets the Answer.
    def check(to, typed, end_user: nil, timeout_ms: nil)
      typed = text(typed)
      code, answer = with_request(to, end_user: end_user, timeout_ms: timeout_ms) do |request|
        C.verifysms_check_request(@client, request, typed)
      end
      yield answer if block_given?
      code == OK && answer.status == 1
    end

    # Forgets what the guard knows of a number: for a call centre that unlocks a person.
    def forget(to)
      to = text(to)
      decided { C.verifysms_forget(@client, to) }
      nil
    end

    # How far the limits of a number are used, as a text.
    def guard_show(to)
      to = text(to)
      decided { C.verifysms_guard_show(@client, to) }[1].message
    end

    # Asks what became of a message, by the unique of its send. A block gets the Answer, whose delivery_state is a
    # DELIVERY_ and delivery_next a NEXT_; a delivered message verifies nobody.
    def delivery(unique)
      unique = text(unique)
      _, answer = decided { C.verifysms_delivery(@client, unique) }
      yield answer if block_given?
      nil
    end

    # Ends the calls of other threads as CANCELLED.
    def cancel
      C.verifysms_client_cancel(@client)
      nil
    end

    # What a log shows of it.
    def inspect
      "#<#{self.class}>"
    end

    private

    # Makes a call about a number and what else was given.
    def with_request(to, with)
      to = text(to)
      with = with.compact.to_h { |name, value| [name, for_c(REQUEST[name], value)] }
      request = C.verifysms_request_new(to)
      with.each { |name, value| C.public_send("verifysms_request_set_#{name}", request, *value) }
      decided { yield request }
    ensure
      C.verifysms_request_free(request) if request
    end

    # The code of a call that has an answer, OK or NOT_VERIFIED, and the Answer.
    def decided(&call)
      # What another thread raises in this one must not leave a callback: it would pass over the library.
      result = Thread.handle_interrupt(Object => :never, &call)
      read = ACCESSORS.to_h do |name, type|
        value = C.public_send("verifysms_result_#{name}", result)
        [name, type == 'const char *' ? out(value) : value]
      end
      texts = USER_TEXTS.transform_values { |language| out(C.verifysms_result_user_text(result, language)) }
      C.verifysms_result_free(result)
      code, reached = %i[code reached].map { |name| read.delete(name) }
      answer = Answer.new(**read, **texts)
      return [code, answer] if [OK, NOT_VERIFIED].include?(code)

      raise Error.new(answer.message, code: code, reached: reached, rule: answer.rule, reason: answer.reason,
                                          answer: answer)
    end

    # A setting as its C function takes it.
    def for_c(kind, value)
      case kind
      when :text then [text(value)]
      when :flag then [value ? 1 : 0]
      when :number then [Integer(value)]
      else [callback(kind, value), nil]
      end
    rescue TypeError, ArgumentError
      raise Error, 'a setting is no number', cause: nil
    end

    # A C function that calls a block.
    def callback(type, block)
      result, parameters = type
      function = Fiddle::Closure::BlockCaller.new(result, parameters) { |_, *given| called(block, given) }
      @callbacks << function
      function
    end

    # What a block returns to C. Nothing else leaves it, be it raised or thrown; that ends the call of an interrupt
    # function.
    def called(block, given)
      returned = 1
      returned = block.call(*from_c(given)) ? 1 : 0
    rescue Exception => e # rubocop:disable Lint/RescueException
      warn "verifysms: #{e.class} in a callback"
    ensure
      # It ends a throw, and what a strict Warning.warn raises.
      return returned # rubocop:disable Lint/EnsureReturn
    end

    # What the block gets: a level and a line, the numbers of an event, or nothing.
    def from_c(given)
      case given.size
      when 2 then [given[0], out(given[1])]
      when 7 then [*given[..4], given[5] != 0, given[6]]
      else given
      end
    end

    def text(value)
      VerifySms.send(:text, value)
    end

    def out(pointer)
      pointer.to_s.force_encoding(Encoding::UTF_8)
    end
  end
end

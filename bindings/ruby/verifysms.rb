# frozen_string_literal: true

# The C library as a class, over Ruby's own Fiddle. A wrong code is an answer; any other
# failure is a VerifySms::Error. Only this file calls C.
require 'fiddle/import'

module VerifySms
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
  REACHED_NO = 0
  REACHED_YES = 1
  REACHED_UNKNOWN = 2
  # Not to be compared with the result of check: false is neither.
  private_constant :OK, :NOT_VERIFIED

  # The functions of verifysms.h; handles are pointers.
  module C
    extend Fiddle::Importer
    dlload ENV.fetch('VERIFYSMS_LIBRARY', 'libverifysms.so.1')
    extern 'void *verifysms_config_new(const char *api_key)'
    extern 'int verifysms_config_set_sender(void *config, const char *sender)'
    extern 'int verifysms_config_set_message(void *config, const char *message)'
    extern 'int verifysms_config_set_url(void *config, const char *url)'
    extern 'int verifysms_config_set_timeout_ms(void *config, int ms)'
    extern 'const char *verifysms_config_error(void *config)'
    extern 'void verifysms_config_free(void *config)'
    extern 'void *verifysms_client_new(void *config)'
    extern 'void verifysms_client_free(void *client)'
    extern 'void *verifysms_client_connect(void *client)'
    extern 'void *verifysms_send(void *client, const char *to)'
    extern 'void *verifysms_check(void *client, const char *to, const char *code)'
    extern 'int verifysms_result_code(void *result)'
    extern 'int verifysms_result_reached(void *result)'
    extern 'int verifysms_result_reason(void *result)'
    extern 'int verifysms_result_status(void *result)'
    extern 'long long verifysms_result_timestamp(void *result)'
    extern 'const char *verifysms_result_to(void *result)'
    extern 'const char *verifysms_result_unique(void *result)'
    extern 'const char *verifysms_result_message(void *result)'
    extern 'void verifysms_result_free(void *result)'
    extern 'const char *verifysms_version()'
  end

  # The service's answer about a message or a code. It is no verification.
  Answer = Struct.new(:to, :status, :timestamp, :unique, :message, keyword_init: true) do
    # Only the last digits of the number, as in the library's log.
    def inspect
      "#<#{self.class} to=...#{to[-3..]} status=#{status} unique=#{unique} #{message}>"
    end
    alias_method :to_s, :inspect
  end

  # Why a call has no answer. Repeat it only if reached is REACHED_NO.
  class Error < StandardError
    attr_reader :code, :reached, :reason

    def initialize(message, code: INVALID_ARGUMENT, reached: REACHED_NO, reason: 0)
      super(message)
      @code = code
      @reached = reached
      @reason = reason
    end
  end

  # The version of the loaded library.
  def self.version
    C.verifysms_version.to_s
  end

  # Keeps connections to the service and makes calls.
  class Client
    def initialize(api_key:, sender: nil, message: nil, url: nil, timeout_ms: nil)
      key, sender, message, url = [api_key, sender, message, url].map { |one| text(one) }
      config = C.verifysms_config_new(key)
      C.verifysms_config_set_sender(config, sender)
      C.verifysms_config_set_message(config, message)
      C.verifysms_config_set_url(config, url)
      C.verifysms_config_set_timeout_ms(config, timeout_ms) if timeout_ms
      @client = C.verifysms_client_new(config)
      refusal = out(C.verifysms_config_error(config))
      C.verifysms_config_free(config)
      raise Error, refusal if @client.null?

      @client.free = C['verifysms_client_free']
    end

    # Opens a connection ahead of the next call: when the page opens on which a person types a number.
    def connect
      decided(C.verifysms_client_connect(@client))
      nil
    end

    # Sends a code to a phone number. A block gets the Answer; an accepted message verifies nobody.
    def send_code(to)
      _, answer = decided(C.verifysms_send(@client, text(to)))
      yield answer if block_given?
      nil
    end

    # Whether the code is the one that was sent to the number. A block gets the Answer.
    def check(to, typed)
      code, answer = decided(C.verifysms_check(@client, text(to), text(typed)))
      yield answer if block_given?
      code == OK && answer.status == 1
    end

    private

    # The code of a call that has an answer, OK or NOT_VERIFIED, and the Answer.
    def decided(result)
      code, reached, reason = %w[code reached reason].map { |name| C.public_send("verifysms_result_#{name}", result) }
      answer = Answer.new(
        to: out(C.verifysms_result_to(result)), status: C.verifysms_result_status(result),
        timestamp: C.verifysms_result_timestamp(result), unique: out(C.verifysms_result_unique(result)),
        message: out(C.verifysms_result_message(result))
      )
      C.verifysms_result_free(result)
      raise Error.new(answer.message, code: code, reached: reached, reason: reason) unless [OK, NOT_VERIFIED].include?(code)

      [code, answer]
    end

    # A text in UTF-8. C ends a text at a NUL, and would send another one. A refused text is not shown: it
    # may be a key or a code.
    def text(value)
      return if value.nil?
      raise Error, 'what is given is no text' unless value.is_a?(String)
      raise Error, 'a text has a NUL in it' if value.b.include?("\0")

      value.encode(Encoding::UTF_8)
    rescue EncodingError
      raise Error, 'a text is not in its encoding', cause: nil
    end

    def out(pointer)
      pointer.to_s.force_encoding(Encoding::UTF_8)
    end
  end
end

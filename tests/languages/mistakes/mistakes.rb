# frozen_string_literal: true

# What people write by mistake in Ruby, with a wrong code; and what a log would show of it.
require 'pp'
require 'verifysms'

def attempt(mistake)
  let_in = false
  begin
    let_in = yield
  rescue StandardError => e
    puts e.full_message(highlight: false), e.inspect, e.cause.inspect
  end
  puts "#{let_in ? 'in' : 'out'}: #{mistake}"
end

key = ENV['VERIFYSMS_API_KEY']
number = ENV['NUMBER']
# More wrong codes than the guard allows.
client = VerifySms::Client.new(api_key: key, sender: 'Acme', url: ENV['VERIFYSMS_URL'], no_guard: true)
connected = client.connect
unique = nil
ok = client.send_code(number) { |answer| unique = answer.unique }
puts 'code for 0501234567?'
$stdout.flush
right = $stdin.gets.chomp
wrong = right.tr('0123456789', '9876543210')
nowhere = VerifySms::Client.new(api_key: key, sender: 'Acme', url: 'http://127.0.0.1:1/')

attempt('the answer') { client.check(number, wrong) }
attempt('the answer, which 0 would be in Ruby') { client.check(number, wrong) ? true : false }
attempt('the answer compared with NOT_VERIFIED') { client.check(number, wrong) != VerifySms::NOT_VERIFIED }
attempt('a method of the answer') { client.check(number, wrong).verified? }
attempt('the answer, unless it is nil') { client.check(number, wrong)&.itself }
attempt('the status') do
  status = nil
  client.check(number, wrong) { |answer| status = answer.status }
  status == 1
end
attempt('no answer') { nowhere.check(number, right) }
attempt('no answer, rescued') { nowhere.check(number, right) rescue nil }
attempt('what a connect answered') { connected }
attempt('what a forget answered') { nowhere.forget(number) }
attempt('what a send answered') { ok }
attempt('what a delivery answered') { client.delivery(unique) }
attempt('what a send answered, and a check that raises') do
  begin
    ok = client.check(number, "1\0")
  rescue VerifySms::Error
    # Goes on with what it has.
  end
  ok
end

# Exceptions of every kind: they may show no argument.
attempt('a key with a NUL') { VerifySms::Client.new(api_key: "#{key}\0") && false }
attempt('a sender that is too long') { VerifySms::Client.new(api_key: key, sender: 'far too long a name') && false }
attempt('a key that is no text') { VerifySms::Client.new(api_key: [key]) && false }
attempt('a key that is a symbol') { VerifySms::Client.new(api_key: key.to_sym) && false }
attempt('a key without its name') { VerifySms::Client.new(key) && false }
attempt('a code that is a number') { client.check(number, right.to_i) }
attempt('a code in a list, as code[]= makes it') { client.check(number, [right]) }
attempt('a code that is not in UTF-8') { client.check(number, "#{right}\xFF".b) }
attempt('a number with a NUL') { client.check("#{number}\0", right) }

said = nil
verified = client.check(number, right) { |answer| said = answer }
p client, nowhere
pp client, said
puts said
attempt('the right code') { verified }

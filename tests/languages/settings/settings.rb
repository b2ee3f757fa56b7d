# frozen_string_literal: true

# Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known.
require 'verifysms'

texts = %i[sender message url delivery_url proxy ca_file guard guard_secret guard_namespace].to_h do |name|
  [name, ENV["SET_#{name.upcase}"]]
end
numbers = %i[timeout_ms connect_timeout_ms trust guard_timeout_ms guard_failure].to_h do |name|
  [name, ENV["SET_#{name.upcase}"]&.to_i]
end
settings = texts.merge(numbers, allow_http: ENV.key?('SET_ALLOW_HTTP'))
if ENV['SET_LIMIT']
  limit, *allowed = ENV['SET_LIMIT'].split.map(&:to_i)
  settings[:limits] = { limit => allowed }
end
settings[:no_guard] = ENV.key?('SET_NO_GUARD')
settings[:proxy] = '' if ENV['SET_NO_PROXY']
settings[:log] = ->(level, line) { puts "log #{level} #{line}" } if ENV['SET_LOG']
settings[:event] = ->(event, *numbers, reused, limit) { puts "event #{VerifySms.event_name(event)} #{numbers.join(' ')} #{reused ? 1 : 0} #{limit}" } if ENV['SET_EVENT']
client = nil
if ENV['SET_INTERRUPT'] || ENV['SET_CANCEL']
  settings[:interrupt] = lambda do
    client.cancel if ENV['SET_CANCEL']
    ENV.key?('SET_INTERRUPT')
  end
end

if ENV['ASK'] == 'inspect'
  found = VerifySms.inspect_message(ENV['SEND_MESSAGE'], sender: ENV['SEND_SENDER'], digits: 6)
  puts "encoding=#{found.encoding}", "length=#{found.length}", "parts=#{found.parts}"
  found.warnings.each { |warning| puts "warning=#{warning.kind} #{warning.position} #{warning.text}" }
  exit
end
code = 0
reached = 1
begin
  client = VerifySms::Client.new(api_key: ENV['VERIFYSMS_API_KEY'], **settings)
  known = nil
  number = ENV['NUMBER']
  with = { end_user: ENV['SEND_END_USER'], timeout_ms: ENV['SEND_TIMEOUT_MS']&.to_i }
  keep = ->(answer) { known = answer }
  case ENV['ASK']
  when 'check' then code = client.check(number, ENV['SEND_CODE'], **with, &keep) ? 0 : 2
  when 'show' then puts "message=#{client.guard_show(number)}"
  when 'forget' then client.forget(number)
  when 'delivery' then client.delivery(ENV['SEND_UNIQUE'], &keep)
  when 'phone' then VerifySms.phone(number).tap do |phone|
    phone.each_pair { |name, value| puts "#{name}=#{value}" }
    puts "rule_name=#{VerifySms.rule_name(phone.rule)}"
  end
  else
    lines = { origin: ENV['SEND_ORIGIN'], app_hash: ENV['SEND_APP_HASH'] }
    client.send_code(number, sender: ENV['SEND_SENDER'], message: ENV['SEND_MESSAGE'], **lines, **with, &keep)
  end
rescue VerifySms::Error => e
  code = e.code
  reached = e.reached
  known = e.answer
  puts "message=#{e.message}", "rule=#{e.rule}", "rule_name=#{VerifySms.rule_name(e.rule)}"
end
puts "code=#{code}", "reached=#{reached}"
known&.each_pair { |name, value| puts "#{name}=#{value}" }
if known
  puts "limit_name=#{VerifySms.limit_name(known.limit)}"
  %w[he en].each { |language| puts "wait_text_#{language}=#{VerifySms.wait_text(known.retry_after, language)}" }
end

# frozen_string_literal: true

# Gives the library what is in SET_..., sends with what is in SEND_..., and prints all that is known of the call.
require 'verifysms'

texts = %i[sender message url proxy ca_file guard guard_secret guard_namespace].to_h { |name| [name, ENV["SET_#{name.upcase}"]] }
numbers = %i[timeout_ms connect_timeout_ms trust guard_timeout_ms guard_failure].to_h { |name| [name, ENV["SET_#{name.upcase}"]&.to_i] }
settings = texts.merge(numbers, allow_http: ENV.key?('SET_ALLOW_HTTP'))
settings[:proxy] = '' if ENV['SET_NO_PROXY']
settings[:no_guard] = ENV.key?('SET_NO_GUARD')
settings[:limits] = { VerifySms::LIMIT_SENDS_USER => [ENV['SET_LIMIT'].to_i, 600] } if ENV['SET_LIMIT']
settings[:log] = ->(level, line) { puts "log #{level} #{line}" } if ENV['SET_LOG']
client = nil
if ENV['SET_INTERRUPT'] || ENV['SET_CANCEL']
  settings[:interrupt] = lambda do
    client.cancel if ENV['SET_CANCEL']
    ENV.key?('SET_INTERRUPT')
  end
end

code = 0
reached = 1
begin
  client = VerifySms::Client.new(api_key: ENV['VERIFYSMS_API_KEY'], **settings)
  known = nil
  unless ENV['SET_NO_GUARD']
    puts "guard #{client.guard_show(ENV['NUMBER'])}"
    client.forget(ENV['NUMBER'])
  end
  instead = { sender: ENV['SEND_SENDER'], message: ENV['SEND_MESSAGE'], end_user: ENV['SEND_END_USER'] }
  client.send_code(ENV['NUMBER'], **instead) { |answer| known = answer }
rescue VerifySms::Error => e
  code = e.code
  reached = e.reached
  known = e.answer
  puts "message=#{e.message}"
end
puts "code=#{code}", "reached=#{reached}"
known&.each_pair { |name, value| puts "#{name}=#{value}" }

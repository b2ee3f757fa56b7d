# frozen_string_literal: true

Gem::Specification.new do |spec|
  spec.name = 'verifysms'
  spec.version = '1.0.0'
  spec.summary = 'Prove that a person owns a phone number by SMS, through libverifysms'
  spec.description = 'Sends a code by SMS and checks what the person types (99 digital "Verify SMS", Israel).'
  spec.authors = ['The verifysms developers']
  spec.licenses = %w[MIT Apache-2.0]
  spec.required_ruby_version = '>= 2.7'
  spec.files = %w[verifysms.rb README.md]
  spec.require_paths = ['.']
end
